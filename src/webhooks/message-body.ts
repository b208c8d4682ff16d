import type { WebhookTask } from '../domain/ports/webhook-store.js';
import { toJson } from '../domain/text/printable.js';
import type { FeedRow } from '../domain/webhooks/next-message.js';
import { imageToJson, withOvf } from '../wire/image.js';
import { deletedImageToJson } from '../wire/image-changes.js';
import { timestamp } from '../wire/timestamp.js';

/** Writes a message as its receiver gets it, the same with every try but for images that have changed since. */
export function bodyOf({ user, pending, type, rows }: Extract<WebhookTask, { kind: 'send' }>): string {
  return toJson({ type, timestamp: timestamp(pending.at), data: { user, ...dataOf() } });

  function dataOf() {
    if (pending.kind === 'state') return { state: pending.state, message: pending.message };
    if (pending.kind === 'reset') return { reason: pending.reason, message: LIST_ANEW };
    return { images: rows.map(imageOf) };
  }
}

const LIST_ANEW = 'what has changed since the last message is no longer known: list the images of this user anew';

function imageOf({ image, removedAt }: FeedRow) {
  if (removedAt !== null) return deletedImageToJson({ id: image.id, path: image.path, removedAt });
  return withOvf(imageToJson(image), image);
}

import { type ChangePoint, type GoneReason, sayGone, writePoint } from '../../domain/lists/change-point.js';
import type { ListChanges } from '../../domain/ports/image-changes.js';
import { toJson } from '../../domain/text/printable.js';
import { imageToJson, withOvf } from '../../wire/image.js';
import { deletedImageToJson } from '../../wire/image-changes.js';

/** What a client that was cut off waits before it comes again, in ms: a restart takes about as long. */
const RETRY_MS = 2_000;
/** The same for a client that found no place: nobody may come faster than those who ask every few seconds. */
const RETRY_WITHOUT_PLACE_MS = 15_000;

/** A comment, which readers ignore; it keeps the connection alive. */
export const BEAT = ': \n\n';

/** The beginning of a stream (https://html.spec.whatwg.org/#server-sent-events): when to come again after its end. */
export function beginning(hasPlace: boolean): string {
  return `retry: ${hasPlace ? RETRY_MS : RETRY_WITHOUT_PLACE_MS}\n\n`;
}

/**
 * Writes changes as events. Only the last one has the id, which is the point up to which everything is known then: whoever
 * was cut off before it is told all of them again. Without any change it is the id alone, which readers keep.
 */
export function eventsOf({ changed, removed, next }: ListChanges, withShort: boolean): string {
  const events = [
    ...changed.map((image) =>
      eventOf('image.changed', withShort ? withOvf(imageToJson(image), image) : imageToJson(image)),
    ),
    ...removed.map((image) => eventOf('image.deleted', deletedImageToJson(image))),
  ];
  const last = events.pop() ?? '';
  return `${events.map((event) => `${event}\n`).join('')}${last}id: ${writePoint(next)}\n\n`;
}

/** Says that nobody can go on from a point. It has no id, so that whoever comes again with the last one is refused. */
export function goneEvent(since: ChangePoint, reason: GoneReason): string {
  return `${eventOf('gone', { reason, detail: sayGone(writePoint(since), reason, 'Last-Event-ID') })}\n`;
}

function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${toJson(data)}\n`;
}

import type { Space } from '../../domain/model/space.js';
import type { WebhookTask } from '../../domain/ports/webhook-store.js';
import { type FeedSource, nextStep, startOf } from '../../domain/webhooks/next-message.js';
import { isDue } from '../../domain/webhooks/retry.js';
import { isSentByAnother, SENT_FOR_MS, type Sending } from '../../domain/webhooks/sending.js';
import { concerns, type WebhookInterest } from '../../domain/webhooks/webhook.js';
import type { Session } from '../connection/database.js';
import { readChangedImages } from '../read/changed-images.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import {
  ADD_PLACE,
  BEGIN_SENDING,
  LOCK_PLACE,
  MOVE_PLACE,
  type PlaceRow,
  placeFromRow,
  placeValues,
  SENDING,
  SET_PENDING,
  triesFromRow,
} from './webhook-statements.js';

/**
 * Begins a message of a space, or returns the one that is pending; runs in its caller's transaction. Until that ends
 * nobody else begins one, and no commit changes the space: so what is told of it is of one revision, and the ids of all
 * its later images are larger than those of any image that there is now. What another crawler is sending is left to it: else
 * each would send everything, and one that is slow what was told long ago.
 */
export async function nextTask(
  session: Session,
  hook: WebhookInterest,
  spaceId: number,
  message: { readonly id: string; readonly at: number },
  sender: string,
): Promise<WebhookTask> {
  const space = await lockSpace(session, spaceId);
  if (space === null || !concerns(hook, space.user)) return { kind: 'idle' };
  const source = await readSource(session, hook.name, space);
  if (source === null) return { kind: 'idle' };
  const row = await lockPlace(session, hook.name, space);
  const [place, tries, { pending }] = [placeFromRow(row), triesFromRow(row), row];
  if (!isDue(tries, message.at)) return { kind: 'idle' };
  const sending = await session.row<Sending>(SENDING, [hook.name, space.id]);
  if (isSentByAnother(sending, sender, message.at)) return { kind: 'idle' };
  const first = nextStep(hook, place, pending, source, message);
  const step =
    first.kind === 'read' ? first.decide(await readChangedImages(session, space.id, first.from, first.limit)) : first;
  if (step.kind === 'idle') return step;
  if (step.kind === 'advance') {
    await session.run(MOVE_PLACE, placeValues(hook.name, space.id, step.place, null));
    return { kind: 'again' };
  }
  const sent = {
    kind: 'send',
    user: space.user,
    type: step.type,
    pending: step.pending,
    rows: step.rows,
    tries,
  } as const;
  if (step.pending !== pending) {
    await session.run(SET_PENDING, [hook.name, space.id, JSON.stringify(step.pending)]);
  }
  await session.run(BEGIN_SENDING, [hook.name, space.id, sender, message.at + SENT_FOR_MS]);
  return { ...sent, number: await messagesBegun(session, pending === null) };
}

async function lockSpace(session: Session, spaceId: number): Promise<Space | null> {
  const row = await session.row<SpaceRow>(
    `SELECT ${SPACE_COLUMNS} FROM spaces WHERE id = $1 AND is_configured FOR SHARE`,
    [spaceId],
  );
  return row === undefined ? null : spaceFromRow(row);
}

/** Returns null if there is no such webhook. */
async function readSource(session: Session, name: string, space: Space): Promise<FeedSource | null> {
  const row = await session.row<{ epoch: number; forgotten: number; last_id: number }>(
    `SELECT webhooks.epoch, (SELECT forgotten_in FROM spaces WHERE id = $2) AS forgotten,
       (SELECT coalesce(max(id), 0) FROM images) AS last_id
     FROM webhooks WHERE webhooks.name = $1`,
    [name, space.id],
  );
  return row === undefined ? null : { space, epoch: row.epoch, forgotten: row.forgotten, lastId: row.last_id };
}

/** Locks the place of a webhook in a space; one that there is not yet begins with the space. */
async function lockPlace(session: Session, name: string, space: Space): Promise<PlaceRow> {
  const known = await session.row<PlaceRow>(LOCK_PLACE, [name, space.id]);
  if (known !== undefined) return known;
  await session.run(ADD_PLACE, placeValues(name, space.id, startOf(space), null));
  const added = await session.row<PlaceRow>(LOCK_PLACE, [name, space.id]);
  if (added === undefined) throw new Error(`the place of ${name} in ${space.id} was there`);
  return added;
}

/** Counts a new message. All webhooks share the row, so it comes last, shortly before the transaction ends. */
async function messagesBegun(session: Session, isNew: boolean): Promise<number> {
  const row = await session.row<{ begun: number }>(
    isNew ? 'UPDATE webhook_messages SET begun = begun + 1 RETURNING begun' : 'SELECT begun FROM webhook_messages',
  );
  return row?.begun ?? 0;
}

import { randomUUID } from 'node:crypto';
import { LATE_AFTER_MS, type Untold, type WebhookTrouble } from '../../domain/diagnosis/diagnose-webhook.js';
import type { WebhookTotals } from '../../domain/model/measurements.js';
import type { WebhookOverview, WebhookStore } from '../../domain/ports/webhook-store.js';
import { placeAfter } from '../../domain/webhooks/next-message.js';
import type { Tries } from '../../domain/webhooks/retry.js';
import type { WebhookInterest } from '../../domain/webhooks/webhook.js';
import type { Database, Session } from '../connection/database.js';
import { follow } from './follow.js';
import { nextTask } from './next-task.js';
import {
  BEHIND,
  COUNT_SPACES,
  COUNT_UNTAKEN,
  DUE,
  END_SENDING,
  FIRST_DEAD,
  FIRST_LATE,
  LOCK_PLACE,
  MOVE_PLACE,
  NEXT_AT,
  NOTE_FAILURE,
  type PlaceRow,
  placeFromRow,
  placeValues,
  RETRY,
  TOTALS,
  triesFromRow,
} from './webhook-statements.js';

/**
 * Creates the store of where webhooks are, for one of the crawlers that send their messages. What it has begun to send no
 * other one is given for a while. Rejects with OvadexError `index`.
 */
export function createWebhookStore(db: Database): WebhookStore {
  const sender = randomUUID();
  return {
    follow: (hooks) => db.write((session) => follow(session, hooks)),
    due: ({ name, users }, now, after) =>
      db.read(async (session) => {
        const spaces = await session.rows<{ id: number }>(DUE, [name, users, now, after]);
        const waiting = await session.row<{ nextAt: number | null }>(NEXT_AT, [name, now]);
        return { spaces: spaces.map(({ id }) => id), nextAt: waiting?.nextAt ?? null };
      }),
    next: (hook, spaceId, now, newId) =>
      db.write((session) => nextTask(session, hook, spaceId, { id: newId, at: now }, sender)),
    taken: (name, spaceId, messageId) => db.write((session) => taken(session, name, spaceId, messageId)),
    failed: async (name, spaceId, messageId, { state, attempts, firstFailedAt, nextAt, lastError }) => {
      const facts = [state, attempts, firstFailedAt, nextAt, lastError];
      await db.write(async (session) => {
        const noted = await session.run(NOTE_FAILURE, [name, spaceId, messageId, ...facts]);
        if (noted > 0) await session.run(END_SENDING, [name, spaceId]);
      });
    },
    retry: (name, user) => db.run(RETRY, [name, user]),
    hasBegun: (number) => db.write((session) => hasBegun(session, number)),
    totals: (hooks) =>
      db.read((session) =>
        each(hooks, async ({ name }) => {
          const row = await session.row<Omit<WebhookTotals, 'name'>>(TOTALS, [name]);
          return { name, ...(row ?? { oldestAt: null, waiting: 0, dead: 0 }) };
        }),
      ),
    overview: (hooks) => db.read((session) => each(hooks, (hook) => overviewOf(session, hook))),
    troubles: (hooks, now) => db.read((session) => each(hooks, (hook) => troubleOf(session, hook, now))),
  };
}

async function taken(session: Session, name: string, spaceId: number, messageId: string): Promise<void> {
  const row = await session.row<PlaceRow>(LOCK_PLACE, [name, spaceId]);
  if (row?.pending?.id !== messageId) return;
  await session.run(MOVE_PLACE, placeValues(name, spaceId, placeAfter(placeFromRow(row), row.pending), null));
  await session.run(END_SENDING, [name, spaceId]);
}

async function hasBegun(session: Session, number: number): Promise<void> {
  const isBehind = await session.run('UPDATE webhook_messages SET begun = $1 WHERE begun < $1', [number]);
  if (isBehind > 0) await session.run('UPDATE webhooks SET epoch = epoch + 1');
}

async function overviewOf(session: Session, { name, users }: WebhookInterest): Promise<WebhookOverview> {
  const rows = await session.rows<Tries & { user: string; since: number | null }>(BEHIND, [name, users]);
  const behind = rows.map((row) => ({ name, user: row.user, tries: triesFromRow(row), since: row.since }));
  return { name, spaces: await countSpaces(session, name, users), behind };
}

async function troubleOf(session: Session, { name, users }: WebhookInterest, now: number): Promise<WebhookTrouble> {
  const lateBefore = now - LATE_AFTER_MS;
  const asked = [name, users, lateBefore];
  const counts = await session.row<{ dead: number; late: number }>(COUNT_UNTAKEN, asked);
  const { dead = 0, late = 0 } = counts ?? {};
  return {
    ...{ name, spaces: await countSpaces(session, name, users) },
    dead: untold(dead, dead === 0 ? [] : await session.rows(FIRST_DEAD, [name, users])),
    late: untold(late, late === 0 ? [] : await session.rows(FIRST_LATE, asked)),
  };
}

async function countSpaces(session: Session, name: string, users: WebhookInterest['users']): Promise<number> {
  const row = await session.row<{ spaces: number }>(COUNT_SPACES, [name, users]);
  return row?.spaces ?? 0;
}

function untold(count: number, first: readonly { readonly user: string; readonly lastError: string | null }[]): Untold {
  return { count, users: first.map(({ user }) => user), reason: first[0]?.lastError ?? null };
}

/** Asks one after the other, as a transaction does. */
async function each<Asked, Answer>(
  all: readonly Asked[],
  ask: (one: Asked) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const one of all) answers.push(await ask(one));
  return answers;
}

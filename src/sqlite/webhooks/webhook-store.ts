import type { Database } from 'better-sqlite3';
import { LATE_AFTER_MS, type Untold } from '../../domain/diagnosis/diagnose-webhook.js';
import type { Space } from '../../domain/model/space.js';
import type { WebhookStore, WebhookTask } from '../../domain/ports/webhook-store.js';
import {
  nextStep,
  type Pending,
  placeAfter,
  presentOf,
  startOf,
  type WebhookPlace,
} from '../../domain/webhooks/next-message.js';
import { isDue, UNTRIED } from '../../domain/webhooks/retry.js';
import { concerns, type WebhookInterest } from '../../domain/webhooks/webhook.js';
import { durably } from '../file/durably.js';
import { attempt } from '../file/run-query.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import { createWebhookFeed } from './webhook-feed.js';
import { type PlaceRow, placeFromRow, prepareWebhooks, rowOfPlace, triesFromRow } from './webhook-statements.js';

/** Creates the store of where webhooks are. Rejects with OvadexError `index`. */
export function createWebhookStore(db: Database): WebhookStore {
  const sql = prepareWebhooks(db);
  const selectSpaces = db.prepare<[], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE is_configured = 1`).raw();
  const selectSpace = db
    .prepare<[number], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE id = ? AND is_configured = 1`)
    .raw();
  const feed = createWebhookFeed(db);
  const spaceOf = (id: number): Space | null => {
    const row = selectSpace.get(id);
    return row === undefined ? null : spaceFromRow(row);
  };
  const put = (name: string, spaceId: number, place: WebhookPlace, pending: Pending | null) =>
    sql.put.run({ hook: name, space: spaceId, ...rowOfPlace(place), pending: pending && JSON.stringify(pending) });

  const followAll = db.transaction((hooks: Parameters<WebhookStore['follow']>[0]) => {
    for (const hook of hooks) {
      const users = hook.users === null ? null : JSON.stringify(hook.users);
      const before = sql.hook.get(hook.name);
      sql.putHook.run({ name: hook.name, users, target: hook.target });
      if (before !== undefined && before.target !== hook.target) sql.retry.run({ hook: hook.name, user: null });
      if (before !== undefined && before.users === users) continue;
      const epoch = before?.epoch ?? 0;
      for (const space of selectSpaces.all().map(spaceFromRow)) {
        if (!concerns(hook, space.user) || sql.place.get(hook.name, space.id) !== undefined) continue;
        const { lastId } = feed.sourceOf(space, epoch);
        put(hook.name, space.id, presentOf({ space, lastId, epoch }), null);
      }
    }
  });

  const next = db.transaction((hook: WebhookInterest, spaceId: number, now: number, newId: string): WebhookTask => {
    const space = spaceOf(spaceId);
    const known = sql.hook.get(hook.name);
    if (space === null || known === undefined || !concerns(hook, space.user)) return { kind: 'idle' };
    const row: PlaceRow | undefined = sql.place.get(hook.name, spaceId);
    const tries = row === undefined ? UNTRIED : triesFromRow(row);
    if (!isDue(tries, now)) return { kind: 'idle' };
    const place = row === undefined ? startOf(space) : placeFromRow(row);
    const pending = row?.pending == null ? null : (JSON.parse(row.pending) as Pending);
    const first = nextStep(hook, place, pending, feed.sourceOf(space, known.epoch), { id: newId, at: now });
    const step = first.kind === 'read' ? first.decide(feed.rows(space.id, first)) : first;
    if (step.kind === 'idle') {
      if (row === undefined) put(hook.name, spaceId, place, null);
      return step;
    }
    if (step.kind === 'advance') {
      put(hook.name, spaceId, step.place, null);
      return { kind: 'again' };
    }
    if (pending === null) {
      sql.countMessage.run();
      put(hook.name, spaceId, place, step.pending);
    } else if (step.pending !== pending) {
      sql.setPending.run(JSON.stringify(step.pending), hook.name, spaceId);
    }
    const { type, rows } = step;
    return { kind: 'send', user: space.user, pending: step.pending, type, rows, tries, number: sql.begun.get() ?? 0 };
  });

  const taken = db.transaction((name: string, spaceId: number, messageId: string) => {
    const row = sql.place.get(name, spaceId);
    const pending = row?.pending == null ? null : (JSON.parse(row.pending) as Pending);
    if (row === undefined || pending?.id !== messageId) return;
    put(name, spaceId, placeAfter(placeFromRow(row), pending), null);
  });

  const hasBegun = db.transaction((number: number) => {
    if ((sql.begun.get() ?? 0) >= number) return;
    sql.setBegun.run(number);
    sql.goBack.run();
  });

  return {
    follow: (hooks) => attempt(() => followAll.immediate(hooks)),
    due: ({ name, users }, now, after) =>
      attempt(() => {
        const interest = { hook: name, users: users === null ? null : JSON.stringify(users) };
        return { spaces: sql.due.all({ ...interest, now, after }), nextAt: sql.nextAt.get(name) ?? null };
      }),
    // For good: a message that is told and then lost with a crash of the machine could not be taken back.
    next: (hook, spaceId, now, newId) => attempt(() => durably(db, () => next.immediate(hook, spaceId, now, newId))),
    taken: (name, spaceId, messageId) => attempt(() => taken.immediate(name, spaceId, messageId)),
    failed: (name, spaceId, messageId, tries) =>
      attempt(() => void sql.failed.run({ hook: name, space: spaceId, messageId, ...tries })),
    retry: (name, user) => attempt(() => sql.retry.run({ hook: name, user }).changes),
    hasBegun: (number) => attempt(() => hasBegun.immediate(number)),
    totals: (hooks) =>
      attempt(() =>
        hooks.map(({ name }) =>
          Object.assign({ name }, sql.totals.get(name) ?? { oldestAt: null, waiting: 0, dead: 0 }),
        ),
      ),
    overview: (hooks) =>
      attempt(() =>
        hooks.map(({ name, users }) => {
          const interest = { hook: name, users: users === null ? null : JSON.stringify(users) };
          const behind = sql.behind.all(interest).map((row) => ({
            name,
            user: row.user,
            tries: triesFromRow(row),
            since: row.since,
          }));
          return { name, spaces: sql.spaces.get(interest) ?? 0, behind };
        }),
      ),
    troubles: (hooks, now) =>
      attempt(() =>
        hooks.map(({ name, users }) => {
          const interest = { hook: name, users: users === null ? null : JSON.stringify(users) };
          const asked = { ...interest, lateBefore: now - LATE_AFTER_MS };
          const { dead, late } = sql.untaken.get(asked) ?? { dead: 0, late: 0 };
          return {
            ...{ name, spaces: sql.spaces.get(interest) ?? 0 },
            dead: untold(dead, dead === 0 ? [] : sql.firstDead.all(interest)),
            late: untold(late, late === 0 ? [] : sql.firstLate.all(asked)),
          };
        }),
      ),
  };
}

function untold(count: number, first: readonly { readonly user: string; readonly lastError: string | null }[]): Untold {
  return { count, users: first.map(({ user }) => user), reason: first[0]?.lastError ?? null };
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LATE_AFTER_MS, webhookTroubleOf } from '../../src/domain/diagnosis/diagnose-webhook.js';
import type { WebhookTask } from '../../src/domain/ports/webhook-store.js';
import { afterFailure, UNTRIED } from '../../src/domain/webhooks/retry.js';
import { WEBHOOK_EVENTS, type WebhookInterest } from '../../src/domain/webhooks/webhook.js';
import {
  begin,
  configure,
  end,
  type IndexUnderTest,
  image,
  listing,
  type MakeIndex,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const HOOK = { name: 'deployer', users: null, events: WEBHOOK_EVENTS, target: 'a' };

/** Where webhooks are in the histories of lists. */
export function describeWebhookStore(name: string, make: MakeIndex): void {
  describe(`the places of webhooks in ${name}`, () => {
    let index: IndexUnderTest;
    let ids = 0;

    beforeEach(async () => {
      index = await make();
      ids = 0;
    });
    afterEach(() => index.close());

    const next = async (hook: WebhookInterest = HOOK, user = 'jm'): Promise<WebhookTask> => {
      for (;;) {
        ids += 1;
        const { id } = await spaceOf(index, user);
        const task = await index.webhooks.next(hook, id, index.clock.now, `m${ids}`);
        if (task.kind !== 'again') return task;
      }
    };
    const told = (task: WebhookTask) =>
      task.kind === 'send' ? [task.type, ...task.rows.map((row) => row.image.path)] : task.kind;
    const take = async (hook: WebhookInterest = HOOK, user = 'jm') => {
      const task = await next(hook, user);
      const { id } = await spaceOf(index, user);
      if (task.kind === 'send') await index.webhooks.taken(hook.name, id, task.pending.id);
      return told(task);
    };
    const dueOf = async (hook: WebhookInterest = HOOK) => (await index.webhooks.due(hook, index.clock.now, 0)).spaces;

    it('begin at the present of spaces that are known, and at the start of later ones', async () => {
      await configure(index, 'jm');
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      await index.webhooks.follow([HOOK]);
      expect(await dueOf()).toEqual([]);
      expect(await take()).toBe('idle');
      await configure(index, 'jm', 'kim');
      await syncOnce(index, 'kim', listing('', ['b.ova']));
      expect(await dueOf()).toEqual([(await spaceOf(index, 'kim')).id]);
      expect(await take(HOOK, 'kim')).toEqual(['image.created', 'b.ova']);
      expect(await dueOf()).toEqual([]);
    });

    it('tell what is new, changed and gone, in the order of the changes', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
      expect(await take()).toEqual(['image.created', 'a.ova', 'b.ova']);
      await syncOnce(index, 'jm', listing('', [image('a.ova', { sizeBytes: 7 }), 'c.ova']));
      expect(await take()).toEqual(['image.changed', 'a.ova']);
      expect(await take()).toEqual(['image.deleted', 'b.ova']);
      expect(await take()).toEqual(['image.created', 'c.ova']);
      expect(await take()).toBe('idle');
    });

    it('tell the same message again until it is taken, and never more under its id', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
      const first = await next();
      await syncOnce(index, 'jm', listing('', ['a.ova', image('b.ova', { sizeBytes: 7 }), 'c.ova']));
      const second = await next();
      expect(first).toMatchObject({ type: 'image.created', pending: { id: 'm1' } });
      expect(second).toMatchObject({ type: 'image.created', pending: { id: 'm1' } });
      expect([told(first), told(second)]).toEqual([
        ['image.created', 'a.ova', 'b.ova'],
        ['image.created', 'a.ova'],
      ]);
      await take();
      expect(await take()).toEqual(['image.created', 'b.ova', 'c.ova']);
    });

    it('tell a hundred images at a time', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      const names = Array.from({ length: 250 }, (_, at) => `${String(at).padStart(3, '0')}.ova`);
      await syncOnce(index, 'jm', listing('', names));
      const sizes: number[] = [];
      for (let task = await take(); typeof task !== 'string'; task = await take()) sizes.push(task.length - 1);
      expect(sizes).toEqual([100, 100, 50]);
    });

    it('pass over what a webhook is not told of, and whose', async () => {
      const hook = { ...HOOK, users: ['jm'], events: ['image.deleted'] as const };
      await configure(index, 'jm', 'kim');
      await index.webhooks.follow([hook]);
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
      await syncOnce(index, 'kim', listing('', ['k.ova']));
      expect(await dueOf(hook)).toEqual([(await spaceOf(index, 'jm')).id]);
      expect(await take(hook)).toBe('idle');
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      expect(await take(hook)).toEqual(['image.deleted', 'b.ova']);
      expect(await take(hook, 'kim')).toBe('idle');
      expect(await dueOf(hook)).toEqual([]);
    });

    it('tell the condition of a space when it changes', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      const { lease } = await begin(index, 'jm');
      await end(index, lease, { status: 'ERROR', errors: ['the storage does not answer'] });
      expect(await dueOf()).toHaveLength(1);
      const failing = await next();
      expect(failing).toMatchObject({ type: 'space.failing', pending: { state: 'failing' } });
      await take();
      expect(await dueOf()).toEqual([]);
      await syncOnce(index, 'jm', listing('', []));
      expect(await next()).toMatchObject({ type: 'space.recovered', pending: { state: 'fresh' } });
      await take();
      expect(await take()).toBe('idle');
    });

    it('wait after a failure, are given up, and go on when somebody says so', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      const { id } = await spaceOf(index, 'jm');
      await next();
      const { now } = index.clock;
      const failed = { kind: 'answered', status: 503, retryAfterMs: null } as const;
      await index.webhooks.failed(HOOK.name, id, 'm1', afterFailure(UNTRIED, failed, now, 0));
      expect(await index.webhooks.due(HOOK, now, 0)).toEqual({ spaces: [], nextAt: now + 5_000 });
      expect(await take()).toBe('idle');
      expect(await index.webhooks.totals([HOOK])).toEqual([{ name: HOOK.name, oldestAt: now, waiting: 1, dead: 0 }]);
      expect((await index.webhooks.due(HOOK, now + 5_000, 0)).spaces).toEqual([id]);
      const gone = { ...failed, status: 410 };
      await index.webhooks.failed(HOOK.name, id, 'm1', afterFailure(UNTRIED, gone, now, 0));
      expect((await index.webhooks.due(HOOK, now + 1e10, 0)).spaces).toEqual([]);
      const [overview] = await index.webhooks.overview([HOOK]);
      expect(overview).toEqual({
        name: HOOK.name,
        spaces: 1,
        behind: [
          { name: HOOK.name, user: 'jm', since: now, tries: expect.objectContaining({ state: 'dead', attempts: 1 }) },
        ],
      });
      expect(await index.webhooks.totals([HOOK])).toEqual([{ name: HOOK.name, oldestAt: now, waiting: 0, dead: 1 }]);
      expect(await index.webhooks.retry(HOOK.name, 'kim')).toBe(0);
      expect(await index.webhooks.retry(HOOK.name, 'jm')).toBe(1);
      expect(await take()).toEqual(['image.created', 'a.ova']);
      expect(await index.webhooks.overview([HOOK])).toEqual([{ name: HOOK.name, spaces: 1, behind: [] }]);
      expect(await index.webhooks.totals([HOOK])).toEqual([{ name: HOOK.name, oldestAt: null, waiting: 0, dead: 0 }]);
    });

    it('are in trouble where they were given up, or tried for long', async () => {
      const users = ['a', 'b', 'c', 'd', 'jm', 'kim', 'new', 'left'];
      await configure(index, ...users);
      await index.webhooks.follow([HOOK]);
      for (const user of users) await syncOnce(index, user, listing('', ['a.ova']));
      const { now } = index.clock;
      const fail = async (user: string, status: number) => {
        const task = await next(HOOK, user);
        if (task.kind !== 'send') throw new Error('nothing to send');
        const tries = afterFailure(UNTRIED, { kind: 'answered', status, retryAfterMs: null }, now, 0);
        await index.webhooks.failed(HOOK.name, (await spaceOf(index, user)).id, task.pending.id, tries);
      };
      for (const user of ['d', 'c', 'b', 'a', 'left']) await fail(user, 410);
      for (const user of ['kim', 'jm']) await fail(user, 503);
      await next(HOOK, 'new');
      await configure(index, ...users.slice(0, -1));
      for (const later of [0, LATE_AFTER_MS, LATE_AFTER_MS + 1]) {
        for (const hook of [HOOK, { ...HOOK, users: ['b', 'kim'] }, { ...HOOK, name: 'unknown' }]) {
          const [overview = null] = await index.webhooks.overview([hook]);
          const expected = overview && webhookTroubleOf(overview, now + later);
          expect(await index.webhooks.troubles([hook], now + later)).toEqual([expected]);
        }
      }
      expect(await index.webhooks.troubles([HOOK], now + LATE_AFTER_MS + 1)).toEqual([
        {
          ...{ name: HOOK.name, spaces: 7 },
          dead: { count: 4, users: ['a', 'b', 'c'], reason: 'it answered 410' },
          late: { count: 2, users: ['jm', 'kim'], reason: 'it answered 503' },
        },
      ]);
    });

    it('try a message at once that failed at another address', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      const { id } = await spaceOf(index, 'jm');
      await next();
      const gone = afterFailure(UNTRIED, { kind: 'answered', status: 410, retryAfterMs: null }, 0, 0);
      await index.webhooks.failed(HOOK.name, id, 'm1', gone);
      await index.webhooks.follow([HOOK]);
      expect(await take()).toBe('idle');
      await index.webhooks.follow([{ ...HOOK, target: 'b' }]);
      expect(await take()).toEqual(['image.created', 'a.ova']);
    });

    it('say that nobody knows what has changed, once the index went back or removals are forgotten', async () => {
      await configure(index, 'jm');
      await index.webhooks.follow([HOOK]);
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
      const task = await next();
      if (task.kind !== 'send') throw new Error('nothing to send');
      await index.webhooks.hasBegun(task.number);
      expect(told(await next())).toEqual(['image.created', 'a.ova', 'b.ova']);
      await index.webhooks.hasBegun(task.number + 1);
      expect(await next()).toMatchObject({ type: 'space.reset', pending: { reason: 'other-history' } });
      await take();
      expect(await take()).toBe('idle');
      await syncOnce(index, 'jm', listing('', ['a.ova']));
      index.clock.now += 1_000;
      await index.maintenance.forgetMissing(index.clock.now, new AbortController().signal);
      expect(await next()).toMatchObject({ type: 'space.reset', pending: { reason: 'forgotten' } });
      await take();
      expect(await take()).toBe('idle');
    });
  });
}

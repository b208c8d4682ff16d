import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_EVIDENCE } from '../../src/domain/model/markers.js';
import { ROOT } from '../../src/domain/model/path.js';
import { NO_SEARCH } from '../../src/domain/model/search.js';
import { NO_COUNTS, type SyncOutcome, type SyncRequest } from '../../src/domain/model/sync.js';
import { PROCESSED } from '../support/processed.js';
import { isThorough } from '../support/thorough.js';
import {
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  LEASE_MS,
  listing,
  type MakeIndex,
  spaceOf,
} from './index-under-test.js';

const FAILED = { status: 'ERROR', errors: ['connect refused'] } as const;
const REFUSED = { status: 'ERROR', errors: ['401'], isUnauthorized: true } as const;

export function describeSyncLog(name: string, make: MakeIndex): void {
  describe(`sync log: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000_000;
      await configure(index, 'jm', 'lab');
    });
    afterEach(() => index.close());

    const request = async (wanted: Partial<SyncRequest> & { user?: string } = {}) => {
      const { user = 'jm', ...rest } = wanted;
      const { id: spaceId } = await spaceOf(index, user);
      return index.syncs.request({
        spaceId,
        mode: 'incremental',
        trigger: 'request',
        requestedBy: user,
        targets: [],
        ...rest,
      });
    };
    const claim = (options: { owner?: string; syncId?: number; skip?: readonly number[] } = {}) =>
      index.syncs.claim({ owner: 'worker', leaseMs: LEASE_MS, ...options });

    describe('claims', () => {
      it('takes the sync together with the lease of its space', async () => {
        const sync = await request();
        index.clock.now += 500;
        const claimed = await claim();
        expect(claimed).toEqual({
          sync: { ...sync, status: 'IN_PROGRESS', startedAt: 1_000_500, updatedAt: 1_000_500 },
          lease: { syncId: sync.id, spaceId: sync.spaceId, owner: 'worker' },
          isResumed: false,
          shownImages: 0,
          isRemovalAccepted: false,
          isRelocated: false,
          fingerprint: null,
          isRestored: false,
          leftOff: [],
          evidence: NO_EVIDENCE,
          search: NO_SEARCH,
          isNew: true,
          isInOrder: true,
          isRemovalRefused: false,
          isSubtreeBelieved: false,
        });
        expect(await claim({ owner: 'other' })).toBeNull();
      });

      it('runs one sync of a space at a time', async () => {
        const { lease } = await begin(index, 'jm');
        const next = await request({ trigger: 'command' });
        expect(await claim({ syncId: next.id })).toBeNull();
        await request({ user: 'lab' });
        expect(await claim()).toMatchObject({ sync: { user: 'lab' } });
        await end(index, lease);
        expect(await claim()).toMatchObject({ sync: { id: next.id }, isResumed: false });
      });

      it('serves who waits before the schedule, each in the order of asking', async () => {
        await configure(index, 'a', 'b', 'c', 'd');
        await request({ user: 'a', trigger: 'schedule' });
        await request({ user: 'b', trigger: 'hint', mode: 'hint', targets: [ROOT] });
        await request({ user: 'c', trigger: 'schedule' });
        await request({ user: 'd', trigger: 'request' });
        const order = [];
        for (let next = await claim(); next !== null; next = await claim()) order.push(next.sync.user);
        expect(order).toEqual(['b', 'd', 'a', 'c']);
      });

      it('takes several at once, as one after the other, and no space twice', async () => {
        await configure(index, 'jm', 'lab', 'a', 'b', 'c', 'd');
        // The sync of one whose lease ran out, and another that waits behind it.
        const behind = await begin(index, 'jm');
        const next = await request({ trigger: 'command' });
        index.clock.now += LEASE_MS;
        await request({ user: 'a', trigger: 'schedule' });
        await request({ user: 'b', trigger: 'request' });
        await request({ user: 'c', trigger: 'schedule' });
        await request({ user: 'd', trigger: 'hint', mode: 'hint', targets: [ROOT] });
        const several = async (atMost: number, skip: readonly number[] = []) =>
          (await index.syncs.claimUpTo(atMost, { owner: 'worker', leaseMs: LEASE_MS, skip })).map(
            ({ sync, isResumed }) => `${sync.user} ${sync.status}${isResumed ? ' again' : ''}`,
          );
        expect(await several(0)).toEqual([]);
        const { id: skipped } = await spaceOf(index, 'c');
        expect(await several(4, [skipped])).toEqual([
          'jm IN_PROGRESS again',
          'b IN_PROGRESS',
          'd IN_PROGRESS',
          'a IN_PROGRESS',
        ]);
        expect(await several(2)).toEqual(['c IN_PROGRESS']);
        expect(await several(2)).toEqual([]);
        await end(index, behind.lease);
        const [last] = await index.syncs.claimUpTo(2, { owner: 'other', leaseMs: LEASE_MS });
        expect(last).toMatchObject({
          sync: { id: next.id },
          lease: { syncId: next.id, owner: 'other' },
          isResumed: false,
        });
      });

      it('skips the spaces that it is told to, and claims by id', async () => {
        const first = await request();
        const second = await request({ user: 'lab' });
        expect(await claim({ skip: [first.spaceId, second.spaceId] })).toBeNull();
        expect(await claim({ skip: [first.spaceId], syncId: first.id })).toBeNull();
        expect(await claim({ skip: [first.spaceId] })).toMatchObject({ sync: { id: second.id } });
        expect(await claim({ syncId: second.id })).toBeNull();
        expect(await claim({ syncId: first.id })).toMatchObject({ sync: { id: first.id } });
        expect(await claim({ syncId: 999 })).toBeNull();
      });

      it('counts the images that are shown at the start', async () => {
        const { lease } = await begin(index, 'jm');
        await commit(index, lease, listing('', ['x.ova', 'y.ova']));
        await end(index, lease);
        expect(await begin(index, 'jm')).toMatchObject({ shownImages: 2 });
      });

      it('expects as many collections as the last sync of the same mode dealt with', async () => {
        const run = async (mode: 'full' | 'incremental', outcome: Partial<SyncOutcome> = {}) => {
          const { lease, sync } = await begin(index, 'jm', { mode });
          await end(index, lease, outcome);
          return sync.expected;
        };
        expect(await run('full', { counts: { ...NO_COUNTS, collections: 40, failures: 2 } })).toBeNull();
        expect(await run('incremental', { counts: { ...NO_COUNTS, collections: 5 } })).toBeNull();
        expect(await run('full', { status: 'ERROR', errors: ['down'] })).toBe(42);
        expect(await run('full')).toBe(42);
        expect(await run('incremental')).toBe(5);
      });

      it('believes of a space what ten others on its storage have shown, until one of them refutes it', async () => {
        const users = Array.from({ length: 10 }, (_, n) => `u${n}`);
        await configure(index, 'jm', ...users);
        const moved = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
        const isBelieved = async (user = 'jm') => {
          const { lease, isSubtreeBelieved } = await begin(index, user, { mode: 'incremental' });
          await end(index, lease);
          return isSubtreeBelieved;
        };
        for (const user of users) {
          expect(await isBelieved()).toBe(false);
          await end(index, (await begin(index, user)).lease, { findings: moved });
        }
        expect(await isBelieved()).toBe(true);
        expect(await isBelieved('u0')).toBe(false); // it has evidence of its own
        const { evidence } = await spaceOf(index, 'jm');
        expect(evidence).toEqual(NO_EVIDENCE);

        await end(index, (await begin(index, 'jm')).lease, { findings: { ...moved, subtree: 'stood', mismatches: 1 } });
        await configure(index, 'jm', 'new', ...users);
        expect(await isBelieved('new')).toBe(false);
        for (let n = 0; n < 7; n++) await end(index, (await begin(index, 'jm')).lease, { findings: moved });
        expect(await isBelieved('new')).toBe(true);
      });

      it('believes nothing of what spaces on other storages have shown, or those that are configured no more', async () => {
        const moved = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
        const places = Array.from({ length: 10 }, (_, n) => ({ user: `u${n}`, url: `https://dav.test:8443/u${n}/` }));
        const at = (user: string, url: string) => ({ user, url });
        const last = [at('other', 'https://dav.test/x/'), at('plain', 'http://dav.test:8443/x/')];
        await index.spaces.configure([...places, ...last, at('new', 'https://dav.test:8443/a/b/')], 'rules', 0);
        for (const { user } of places) await end(index, (await begin(index, user)).lease, { findings: moved });
        const isBelieved = async (user: string) => {
          const { lease, isSubtreeBelieved } = await begin(index, user, { mode: 'incremental' });
          await end(index, lease);
          return isSubtreeBelieved;
        };
        expect(await Promise.all(['other', 'plain', 'new'].map(isBelieved))).toEqual([false, false, true]);
        await index.spaces.configure([...places.slice(1), at('new', 'https://dav.test:8443/a/b/')], 'rules', 0);
        expect(await isBelieved('new')).toBe(false);
      });

      it('knows what the markers of the space were seen to prove', async () => {
        const learned = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
        await end(index, (await begin(index, 'jm')).lease, { findings: learned });
        const { lease, evidence } = await begin(index, 'jm');
        expect(evidence).toMatchObject({ names: 'seen', subtree: 'seen', mismatches: 0 });
        await end(index, lease, { findings: { names: null, subtree: 'stood', mismatches: 2 } });
        expect((await begin(index, 'jm')).evidence).toMatchObject({ names: 'seen', subtree: 'refuted', mismatches: 2 });
        expect((await spaceOf(index, 'jm')).evidence.subtree).toBe('refuted');
      });

      it('takes what waits behind very many spaces that are left out, what is urgent and what was left behind first', async () => {
        const waiting = Array.from({ length: 1_200 }, (_, n) => `w${n}`);
        const others = ['due', 'later', 'asked', 'begun'];
        const spaces = await configure(index, ...waiting, ...others);
        const idOf = (user: string) => spaces.find((space) => space.user === user)?.id ?? 0;
        const skip = waiting.map(idOf);
        const { lease } = await begin(index, 'begun', { owner: 'dead' });
        await index.syncs.release(lease);
        await index.spaces.fileDue(index.clock.now);
        await request({ user: 'asked', trigger: 'command' });
        await request({ user: 'w1199', trigger: 'command' });
        const usersOf = async (atMost: number) => {
          const claimed = await index.syncs.claimUpTo(atMost, { owner: 'worker', leaseMs: LEASE_MS, skip });
          return claimed.map(({ sync }) => sync.user);
        };
        expect(await usersOf(1)).toEqual(['begun']);
        expect(await usersOf(2)).toEqual(['asked', 'due']);
        expect(await usersOf(2)).toEqual(['later']);
        expect(await usersOf(2)).toEqual([]);
        const [next] = await index.syncs.claimUpTo(1, { owner: 'worker', leaseMs: LEASE_MS });
        expect(next?.sync.user).toBe('w1199');
      });

      it('resumes a sync whose process died, before anything else and with its counts', async () => {
        const { lease, sync } = await begin(index, 'lab', { owner: 'dead' });
        const counts = { ...NO_COUNTS, collections: 3, added: 2 };
        await index.syncs.progress(lease, { counts, waiting: 3 }, LEASE_MS);
        await request({ trigger: 'command' });
        index.clock.now += LEASE_MS - 1;
        expect((await claim())?.sync.user).toBe('jm');
        index.clock.now += 1;
        expect(await claim()).toMatchObject({
          isResumed: true,
          sync: { id: sync.id, startedAt: sync.startedAt, counts },
          lease: { owner: 'worker' },
        });
      });

      it('counts what commits change along with the change, whatever else is noted, so that a process may end at any moment', async () => {
        const { lease, sync } = await begin(index, 'jm', { owner: 'dead' });
        const countsOf = async () => (await index.syncs.find(sync.id))?.counts;
        await commit(index, lease, listing('', ['a.ova', 'b.ova'], ['d']));
        await index.index.show(lease, [image('d/c.ova')], new Set());
        expect(await countsOf()).toMatchObject({ added: 3, altered: 0, removed: 0 });
        // The process has not seen the answer of the last one, or noted it before that.
        const behind = { counts: { ...NO_COUNTS, collections: 1, requests: 4, added: 2 }, waiting: 1 };
        await index.syncs.progress(lease, behind, LEASE_MS);
        expect(await countsOf()).toMatchObject({ collections: 1, requests: 4, added: 3 });
        await commit(index, lease, listing('', [image('a.ova', { sizeBytes: 7 })], ['d']));
        index.clock.now += LEASE_MS;
        const resumed = await claim();
        expect(resumed?.sync.counts).toMatchObject({ collections: 1, requests: 4, added: 3, altered: 1, removed: 1 });
        await end(index, resumed?.lease ?? lease, { status: 'ERROR', errors: ['broken'] });
        expect(await countsOf(), 'also of one that can tell nothing').toMatchObject({
          added: 3,
          altered: 1,
          removed: 1,
        });
        const [hour] = await index.history.hours();
        expect(hour).toMatchObject({ syncs: 1, failed: 1, added: 3, removed: 1 });
      });

      it('counts nothing of a commit that has failed', async () => {
        const { lease, sync } = await begin(index, 'jm');
        await index.syncs.release(lease);
        await expect(commit(index, lease, listing('', ['a.ova']))).rejects.toMatchObject({ code: 'conflict' });
        expect((await index.syncs.find(sync.id))?.counts).toEqual(NO_COUNTS);
      });

      it('says the same when an end is noted once more, as by somebody who got no answer, and counts it once', async () => {
        const { lease } = await begin(index, 'jm');
        const outcome = { ...PROCESSED, ...REFUSED };
        const retryAt = await index.syncs.finish(lease, outcome);
        expect(retryAt).toBeGreaterThan(index.clock.now);
        expect(await index.syncs.finish(lease, outcome)).toBe(retryAt);
        expect(await index.syncs.finish(lease, PROCESSED), 'that is not how it ended').toBeNull();
        expect(await index.history.hours()).toMatchObject([{ syncs: 1, failed: 1 }]);
      });

      it('resumes a released sync at once', async () => {
        const { lease, sync } = await begin(index, 'jm');
        await index.syncs.release(lease);
        expect(await index.syncs.find(sync.id)).toMatchObject({ status: 'IN_PROGRESS', endedAt: null });
        expect(await claim({ owner: 'next' })).toMatchObject({ isResumed: true, sync: { id: sync.id } });
        await index.syncs.release(lease);
        expect(await claim({ owner: 'third' })).toBeNull();
      });

      it('has the leases given back of which their owner knows nothing, and those alone', async () => {
        await configure(index, 'known', 'lost', 'foreign');
        const { lease: known } = await begin(index, 'known', { owner: 'crawler' });
        const { lease: lost } = await begin(index, 'lost', { owner: 'crawler' });
        const { lease: foreign } = await begin(index, 'foreign', { owner: 'another' });
        await index.syncs.releaseUnknown('crawler', [known.spaceId]);
        expect(await claim({ owner: 'crawler' })).toMatchObject({ isResumed: true, sync: { id: lost.syncId } });
        expect(await claim({ owner: 'crawler' })).toBeNull();
        for (const lease of [known, foreign]) {
          expect(await index.syncs.progress(lease, { counts: NO_COUNTS, waiting: 0 }, LEASE_MS)).toBe(true);
        }
        await index.syncs.releaseUnknown('crawler', []);
        expect(await index.syncs.progress(known, { counts: NO_COUNTS, waiting: 0 }, LEASE_MS)).toBe(false);
      });

      it('does not wait for a lease from before the clock jumped back', async () => {
        const { sync } = await begin(index, 'jm', { owner: 'dead' });
        index.clock.now -= LEASE_MS;
        expect(await claim()).toBeNull();
        index.clock.now -= 24 * 60 * 60_000;
        expect(await claim()).toMatchObject({ isResumed: true, sync: { id: sync.id } });
      });

      it('asks a storage that refused the credentials only at an administrator’s command', async () => {
        const { lease } = await begin(index, 'jm');
        await end(index, lease, REFUSED);
        const hint = await request({ mode: 'hint', trigger: 'hint', targets: [ROOT] });
        expect(await claim()).toBeNull();
        expect(await claim({ syncId: hint.id })).toBeNull();
        await request({ trigger: 'command' });
        expect(await claim()).toMatchObject({ sync: { id: hint.id } });
      });
    });

    describe('running syncs', () => {
      it('renews the lease with each progress', async () => {
        const { lease, sync } = await begin(index, 'jm');
        index.clock.now += LEASE_MS - 1;
        const counts = { ...NO_COUNTS, collections: 7, requests: 9 };
        expect(await index.syncs.progress(lease, { counts, waiting: 3 }, LEASE_MS)).toBe(true);
        expect(await index.syncs.find(sync.id)).toMatchObject({ counts, waiting: 3, updatedAt: index.clock.now });
        index.clock.now += LEASE_MS - 1;
        expect(await claim({ owner: 'other' })).toBeNull();
      });

      it('tells a sync that it was cancelled, and frees its space only when it has stopped', async () => {
        const { lease, sync } = await begin(index, 'jm');
        const before = await spaceOf(index, 'jm');
        expect(await index.syncs.cancel(sync.id)).toBe(true);
        expect(await index.syncs.cancel(sync.id)).toBe(false);
        expect(await index.syncs.progress(lease, { counts: NO_COUNTS, waiting: 0 }, LEASE_MS)).toBe(false);
        await request();
        expect(await claim()).toBeNull();
        await end(index, lease);
        expect(await index.syncs.find(sync.id)).toMatchObject({ status: 'CANCELLED', endedAt: index.clock.now });
        expect(await spaceOf(index, 'jm')).toEqual(before);
        expect(await claim()).not.toBeNull();
      });

      it('frees the space of a cancelled sync that is released', async () => {
        const { lease, sync } = await begin(index, 'jm');
        await index.syncs.cancel(sync.id);
        await index.syncs.release(lease);
        expect(await claim()).toBeNull();
        await request();
        expect(await claim()).toMatchObject({ isResumed: false });
      });

      it('cancels a sync that waits, and no unknown one', async () => {
        const sync = await request();
        expect(await index.syncs.cancel(sync.id)).toBe(true);
        expect(await claim()).toBeNull();
        expect(await index.syncs.cancel(999)).toBe(false);
      });

      it('lets a run that lost its lease change nothing', async () => {
        const { lease } = await begin(index, 'jm');
        index.clock.now += LEASE_MS;
        const taken = await claim({ owner: 'other' });
        const before = await spaceOf(index, 'jm');
        expect(await index.syncs.progress(lease, { counts: { ...NO_COUNTS, added: 5 }, waiting: 0 }, LEASE_MS)).toBe(
          false,
        );
        await end(index, lease, FAILED);
        expect(await index.syncs.find(lease.syncId)).toEqual(taken?.sync);
        expect(await spaceOf(index, 'jm')).toEqual(before);
        expect(await claim({ owner: 'third' })).toBeNull();
      });

      it('notes how it ended', async () => {
        const { lease, sync } = await begin(index, 'jm');
        index.clock.now += 700;
        const counts = { collections: 1, failures: 2, images: 3, requests: 4, added: 5, altered: 6, removed: 7 };
        await end(index, lease, { counts, warnings: ['/a: 403', '/b: 500'] });
        expect(await index.syncs.find(sync.id)).toEqual({
          ...sync,
          status: 'PROCESSED',
          counts,
          warnings: ['/a: 403', '/b: 500'],
          endedAt: 1_000_700,
          updatedAt: 1_000_700,
        });
      });
    });

    it.runIf(isThorough)(
      'keeps the last hundred syncs that nobody asked for, and those that somebody did',
      async () => {
        const asked = [await begin(index, 'jm'), await begin(index, 'lab')];
        for (const { lease } of asked) await end(index, lease);
        for (let i = 0; i < 105; i++) {
          await request({ trigger: 'schedule' });
          const claimed = await claim();
          if (claimed !== null) await end(index, claimed.lease);
        }
        await request({ trigger: 'schedule' });
        const ids = (await index.syncs.list({ limit: 500 })).map(({ id }) => id);
        const first = asked.map(({ sync }) => sync.id);
        expect(ids).toHaveLength(1 + 100 + first.length);
        expect(ids).toEqual(expect.arrayContaining(first));
        expect(ids[0]).toBe(Math.max(...ids));
      },
    );

    it('lists the newest first, by user and status', async () => {
      const { lease, sync: first } = await begin(index, 'jm');
      await end(index, lease);
      const second = await request({ user: 'lab' });
      const third = await request();
      const ids = async (filter: Omit<Parameters<typeof index.syncs.list>[0], 'limit'>, limit = 10) =>
        (await index.syncs.list({ ...filter, limit })).map(({ id }) => id);
      expect(await ids({})).toEqual([third.id, second.id, first.id]);
      expect(await ids({}, 2)).toEqual([third.id, second.id]);
      expect(await ids({ user: 'jm' })).toEqual([third.id, first.id]);
      expect(await ids({ user: 'jm', statuses: ['PROCESSED'] })).toEqual([first.id]);
      expect(await ids({ statuses: ['PROCESSED', 'PENDING'] })).toEqual([third.id, second.id, first.id]);
      expect(await ids({ statuses: ['PENDING', 'PENDING'] }, 1)).toEqual([third.id]);
      expect(await ids({ statuses: [] })).toEqual([]);
      expect(await ids({ user: 'nobody' })).toEqual([]);
    });
  });
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNKNOWN_RATE } from '../../src/domain/freshness/change-rate.js';
import { NO_EVIDENCE } from '../../src/domain/model/markers.js';
import { ROOT } from '../../src/domain/model/path.js';
import { NO_SEARCH } from '../../src/domain/model/search.js';
import { NO_COUNTS, type SyncMode, type SyncOutcome } from '../../src/domain/model/sync.js';
import { readWhole } from '../support/known-whole.js';
import {
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  LEASE_MS,
  listing,
  type MakeIndex,
  RULES,
  shown,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const INCREMENTAL = { mode: 'incremental' } as const;

export function describeSpaceRegistry(name: string, make: MakeIndex): void {
  describe(`space registry: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000_000;
    });
    afterEach(() => index.close());

    const due = async () => (await index.spaces.fileDue(index.clock.now)).filed.map(({ user, mode }) => [user, mode]);
    const takenIn = async () => (await index.spaces.fileDue(index.clock.now)).takenIn;
    const schedule = (mode: 'full' | 'incremental', user: string, dueAt: number) =>
      index.spaces.schedule(mode, new Map([[user, dueAt]]));
    const suspend = async (user: string) => {
      const { lease } = await begin(index, user);
      await end(index, lease, { status: 'ERROR', errors: ['401'], isUnauthorized: true });
    };

    it('makes new spaces due at once and answers all by user', async () => {
      const spaces = await configure(index, 'lab', 'jm');
      expect(spaces).toEqual([
        {
          id: expect.any(Number),
          user: 'jm',
          url: 'http://dav.test/jm/',
          revision: 0,
          changedAt: null,
          images: 0,
          describedImages: 0,
          waitingImages: 0,
          incompleteImages: 0,
          brokenImages: 0,
          readBytes: 0,
          collections: 0,
          addedAt: 1_000_000,
          lastSuccessAt: null,
          lastSyncAt: null,
          trouble: null,
          heldRemovals: null,
          heldReasons: [],
          isRemovalRefused: false,
          nextSyncAt: 1_000_000,
          evidence: NO_EVIDENCE,
          search: NO_SEARCH,
          rate: UNKNOWN_RATE,
        },
        expect.objectContaining({ user: 'lab' }),
      ]);
      expect((await index.catalogue.listSpaces()).spaces).toEqual(spaces);
    });

    describe('a suspended space', () => {
      const HOUR = 3_600_000;
      const refusedAgain = async (mode: 'command' | 'due') => {
        if (mode === 'due') expect(await due()).toHaveLength(1);
        await suspend('jm');
        return (await spaceOf(index, 'jm')).nextSyncAt;
      };

      it('is due by itself an hour after its refusal, then a day after each, whatever was planned before', async () => {
        await configure(index, 'jm');
        await due();
        expect(await refusedAgain('command')).toBe(index.clock.now + HOUR);
        await schedule('incremental', 'jm', index.clock.now + 60_000);
        index.clock.now += HOUR - 1;
        expect(await due()).toEqual([]);
        index.clock.now += 1;
        expect(await refusedAgain('due')).toBe(index.clock.now + 24 * HOUR);
        index.clock.now += 24 * HOUR;
        expect(await refusedAgain('due')).toBe(index.clock.now + 24 * HOUR);
      });

      it('is filed once when it is due, stays suspended, and goes on as planned once it was good', async () => {
        await configure(index, 'jm');
        await due();
        await suspend('jm');
        index.clock.now += HOUR;
        expect(await due()).toHaveLength(1);
        expect(await due()).toEqual([]);
        expect((await spaceOf(index, 'jm')).trouble?.kind).toBe('unauthorized');
        const claimed = await index.syncs.claim({ owner: 'here', leaseMs: 30_000 });
        if (claimed === null) throw new Error('the try is not to be had');
        await end(index, claimed.lease);
        await schedule('incremental', 'jm', index.clock.now + 60_000);
        expect(await spaceOf(index, 'jm')).toMatchObject({ trouble: null, nextSyncAt: index.clock.now + 60_000 });
        expect(await refusedAgain('command')).toBe(index.clock.now + HOUR);
      });

      it('is tried at another time where that is set, and a day later where the try was cancelled', async () => {
        const [space] = await configure(index, 'jm');
        const id = space?.id ?? 0;
        await due();
        await suspend('jm');
        await index.spaces.retry(id, index.clock.now + 1_000);
        index.clock.now += 1_000;
        const { filed } = await index.spaces.fileDue(index.clock.now);
        await index.syncs.cancel(filed[0]?.id ?? 0);
        expect(await spaceOf(index, 'jm')).toMatchObject({ nextSyncAt: index.clock.now + 24 * HOUR });
        await index.spaces.resume(id);
        await index.spaces.retry(id, index.clock.now + 5);
        expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(index.clock.now);
      });

      it('is tried when its user has logged in: at once the first time, then ten minutes after a refusal', async () => {
        const [space] = await configure(index, 'jm');
        const id = space?.id ?? 0;
        await due();
        await index.spaces.retryAfterLogIn(id);
        expect(await due()).toEqual([]);
        await suspend('jm');
        await index.spaces.retryAfterLogIn(id);
        await index.spaces.retryAfterLogIn(id);
        expect(await refusedAgain('due')).toBe(index.clock.now + 24 * HOUR);
        await index.spaces.retryAfterLogIn(id);
        expect(await due()).toEqual([]);
        expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(index.clock.now + 600_000);
      });
    });

    it('leaves spaces as they are when nothing changed', async () => {
      await configure(index, 'jm');
      await due();
      const before = await spaceOf(index, 'jm');
      index.clock.now += 1_000;
      expect(await configure(index, 'jm')).toEqual([before]);
    });

    it('keeps id, images and revision of a space that is left out and returns', async () => {
      await configure(index, 'jm', 'lab');
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      await due();
      const before = await spaceOf(index, 'jm');
      await configure(index, 'lab');
      expect(await due()).toEqual([]);
      index.clock.now += 1_000;
      await configure(index, 'jm', 'lab');
      expect(await spaceOf(index, 'jm')).toEqual({ ...before, nextSyncAt: index.clock.now });
      expect(await shown(index, 'jm')).toEqual(['x.ova']);
    });

    it('ends the syncs of a space that is left out', async () => {
      await configure(index, 'jm', 'lab');
      const running = await begin(index, 'jm');
      const [waiting] = (await index.spaces.fileDue(index.clock.now)).filed;
      await index.syncs.request({
        spaceId: running.lease.spaceId,
        mode: 'full',
        trigger: 'command',
        requestedBy: null,
        targets: [],
      });
      await configure(index, 'lab');
      expect(waiting).toMatchObject({ user: 'lab' });
      const active = await index.syncs.list({ statuses: ['PENDING', 'IN_PROGRESS'], limit: 10 });
      expect(active.map(({ user }) => user)).toEqual(['lab']);
      expect(await index.syncs.progress(running.lease, running.sync, LEASE_MS)).toBe(false);
    });

    it('starts over with a changed URL, and shows the old images until then', async () => {
      await configure(index, 'jm');
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova'], [], 'etag:1'));
      await due();
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['x.ova'], [], 'etag:2'), { removals: 'hold' });
      await end(index, lease, { counts: { ...NO_COUNTS, failures: 1 }, heldRemovals: 1 });
      await index.spaces.acceptRemovals(lease.spaceId);
      const before = await spaceOf(index, 'jm');
      const running = await begin(index, 'jm');

      await index.spaces.configure([{ user: 'jm', url: 'http://other.test/' }], RULES, index.clock.now);
      expect(await spaceOf(index, 'jm')).toEqual({
        ...before,
        url: 'http://other.test/',
        trouble: null,
        heldRemovals: null,
        nextSyncAt: index.clock.now,
      });
      expect(await shown(index, 'jm')).toEqual(['x.ova', 'y.ova']);
      const known = await readWhole(index.index, lease.spaceId, ROOT);
      expect(known.marker).toBeNull();
      expect([...known.images].map(({ absentInSync }) => absentInSync)).toEqual([null, null]);
      await expect(commit(index, running.lease, listing('', []))).rejects.toMatchObject({ code: 'conflict' });
      await end(index, running.lease);
      expect(await begin(index, 'jm')).toMatchObject({ isRemovalAccepted: false });
    });

    it('forgets what markers prove when other files count as images, and with a changed URL what they were seen to', async () => {
      await configure(index, 'jm');
      const { lease } = await begin(index, 'jm');
      await commit(index, lease, listing('', ['x.ova'], ['d'], 'etag:1'));
      await index.index.prove(lease, [ROOT]);
      await end(index, lease, { findings: { names: 'moved', subtree: 'moved', mismatches: 0 } });
      const url = 'http://dav.test/jm/';

      await index.spaces.configure([{ user: 'jm', url }], RULES, index.clock.now);
      expect(await readWhole(index.index, lease.spaceId, ROOT)).toMatchObject({ marker: 'etag:1', isProven: true });

      await index.spaces.configure([{ user: 'jm', url }], 'other rules', index.clock.now);
      const unproven = { marker: null, isSettled: false, isProven: false };
      expect(await readWhole(index.index, lease.spaceId, ROOT)).toMatchObject(unproven);
      expect(await spaceOf(index, 'jm')).toMatchObject({ evidence: { names: 'seen', subtree: 'seen' } });

      await index.spaces.configure([{ user: 'jm', url: 'http://other.test/' }], 'other rules', index.clock.now);
      expect(await spaceOf(index, 'jm')).toMatchObject({ evidence: NO_EVIDENCE });
    });

    it('polls only the spaces whose markers prove whole subtrees, and none in trouble', async () => {
      await configure(index, 'jm', 'lab', 'sad');
      await due();
      const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
      await end(index, (await begin(index, 'jm')).lease, { findings });
      await end(index, (await begin(index, 'sad')).lease, { findings });
      await end(index, (await begin(index, 'lab')).lease);
      // Once they have shown it, at once.
      expect((await due()).map(([user]) => user).toSorted()).toEqual(['jm', 'sad']);
      await end(index, (await begin(index, 'jm')).lease);
      await end(index, (await begin(index, 'sad')).lease, { status: 'ERROR', errors: ['down'] });
      const at = index.clock.now + 60_000;
      await index.spaces.schedule('poll', new Map(['jm', 'lab', 'sad'].map((user) => [user, at])));
      index.clock.now = at;
      expect(await due()).toEqual([['jm', 'incremental']]);
      expect(await spaceOf(index, 'jm')).toMatchObject({ nextSyncAt: null });
    });

    it('tells of the spaces in order how often they change, what a look costs, and when the next one is planned', async () => {
      await configure(index, 'jm', 'lab', 'new');
      await due();
      const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
      await end(index, (await begin(index, 'jm', INCREMENTAL)).lease, {
        findings,
        counts: { ...NO_COUNTS, requests: 12 },
      });
      await end(index, (await begin(index, 'lab', INCREMENTAL)).lease);
      await due();
      const at = index.clock.now + 60_000;
      await index.spaces.schedule('look', new Map(['jm', 'lab', 'new'].map((user) => [user, at - 1])));
      await index.spaces.schedule('look', new Map([['lab', at]]));
      const seen = { rate: UNKNOWN_RATE, lastSuccessAt: index.clock.now };
      const jm = { ...seen, user: 'jm', cost: 12, isPolled: true, pollDueAt: at - 1 };
      const lab = { ...seen, user: 'lab', cost: 1, isPolled: false, pollDueAt: at };
      expect(await index.spaces.looks(null)).toEqual([jm, lab]);
      expect(await index.spaces.looks('lab')).toEqual([lab]);
      expect(await index.spaces.looks('new')).toEqual([]);
      index.clock.now = at;
      // The other already has one that waits.
      expect(await due()).toEqual([['lab', 'incremental']]);
    });

    it('keeps the earlier of two times', async () => {
      await configure(index, 'jm');
      await due();
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBeNull();
      await schedule('incremental', 'jm', 5_000_000);
      await schedule('incremental', 'jm', 6_000_000);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(5_000_000);
      await schedule('incremental', 'jm', 4_000_000);
      await schedule('full', 'jm', 3_000_000);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(3_000_000);
      await schedule('full', 'nobody', 1);
      expect(await due()).toEqual([]);
    });

    it('files what is due, once', async () => {
      await configure(index, 'jm', 'lab');
      expect((await due()).toSorted()).toEqual([
        ['jm', 'incremental'],
        ['lab', 'incremental'],
      ]);
      expect(await due()).toEqual([]);
      const [sync] = await index.syncs.list({ user: 'jm', limit: 1 });
      expect(sync).toMatchObject({ status: 'PENDING', trigger: 'schedule', requestedBy: null, targets: [] });
    });

    it('files one full sync where both are due', async () => {
      await configure(index, 'jm');
      await schedule('full', 'jm', index.clock.now);
      expect(await due()).toEqual([['jm', 'full']]);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBeNull();
    });

    it('keeps the time of the full sync when only the other is due', async () => {
      await configure(index, 'jm');
      await schedule('full', 'jm', 9_000_000);
      expect(await due()).toEqual([['jm', 'incremental']]);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(9_000_000);
    });

    it('widens a sync that waits in place of filing another', async () => {
      await configure(index, 'jm');
      await due();
      await schedule('full', 'jm', index.clock.now);
      expect(await due()).toEqual([]);
      expect((await index.syncs.list({ limit: 10 })).map(({ mode }) => mode)).toEqual(['full']);
    });

    it.each<[SyncMode, number]>([
      ['full', 0],
      ['incremental', 0],
      ['hint', 1],
    ])('beside a running %s sync files %i incremental', async (mode, expected) => {
      await configure(index, 'jm');
      await begin(index, 'jm', { mode, targets: mode === 'hint' ? [ROOT] : [] });
      expect(await due()).toHaveLength(expected);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBeNull();
    });

    it.each<['waits' | 'runs', 'incremental' | 'full' | 'poll']>([
      ['waits', 'incremental'],
      ['waits', 'full'],
      ['waits', 'poll'],
      ['runs', 'incremental'],
      ['runs', 'full'],
      ['runs', 'poll'],
    ])(
      'names a space whose sync %s as its %s sync falls due, so that its next one can be planned',
      async (standing, round) => {
        await configure(index, 'jm', 'lab');
        await due();
        const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
        await end(index, (await begin(index, 'jm')).lease, { findings });
        await due();
        const request = { mode: 'full', trigger: 'command', requestedBy: null, targets: [] } as const;
        await index.syncs.request({ spaceId: (await spaceOf(index, 'jm')).id, ...request });
        if (standing === 'runs') await begin(index, 'jm');
        await index.spaces.schedule(round, new Map([['jm', index.clock.now]]));
        expect(await takenIn()).toEqual(['jm']);
        expect(await takenIn()).toEqual([]);
      },
    );

    it('leaves a suspended space alone until it is resumed', async () => {
      await configure(index, 'jm');
      await suspend('jm');
      expect((await spaceOf(index, 'jm')).trouble?.kind).toBe('unauthorized');
      expect(await due()).toEqual([]);
      await index.spaces.resume((await spaceOf(index, 'jm')).id);
      expect((await spaceOf(index, 'jm')).trouble).toBeNull();
      expect(await due()).toEqual([['jm', 'incremental']]);
    });

    it('makes a resumed space due at once, and no other', async () => {
      await configure(index, 'jm');
      await due();
      await suspend('jm');
      const { id } = await spaceOf(index, 'jm');
      await index.spaces.resume(id);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBe(index.clock.now);
      await due();
      await index.spaces.resume(id);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBeNull();
    });

    it('keeps what is held until it is accepted or nothing is held any more', async () => {
      await configure(index, 'jm');
      const { id } = await spaceOf(index, 'jm');
      const refused = async () => [
        await index.index.isRemovalRefused(id),
        (await spaceOf(index, 'jm')).isRemovalRefused,
      ];
      await index.spaces.refuseRemovals(id);
      expect(await refused()).toEqual([false, false]);
      const hold = async (outcome: Partial<SyncOutcome>) => {
        const { lease } = await begin(index, 'jm');
        await end(index, lease, outcome);
      };
      await hold({ heldRemovals: 30, warnings: ['held: 30'], heldReasons: ['30'] });
      await index.spaces.acceptRemovals(id);
      await index.spaces.refuseRemovals(id);
      expect(await refused()).toEqual([true, true]);
      await hold({ heldRemovals: 30, warnings: ['held: 30'], heldReasons: ['30'] });
      await hold({ status: 'ERROR', errors: ['503'] });
      expect(await refused()).toEqual([true, true]);
      await index.spaces.acceptRemovals(id);
      expect(await refused()).toEqual([false, false]);
      expect((await begin(index, 'jm')).isRemovalAccepted).toBe(true);
    });

    it('forgets that removals were refused once none is held, or the storage is another one', async () => {
      await configure(index, 'jm');
      const { id } = await spaceOf(index, 'jm');
      const refuse = async () => {
        const { lease } = await begin(index, 'jm');
        await end(index, lease, { heldRemovals: 30, warnings: ['held: 30'], heldReasons: ['30'] });
        await index.spaces.refuseRemovals(id);
        expect(await index.index.isRemovalRefused(id)).toBe(true);
      };
      await refuse();
      const { lease } = await begin(index, 'jm');
      await end(index, lease);
      expect(await index.index.isRemovalRefused(id)).toBe(false);
      await refuse();
      await index.spaces.configure([{ user: 'jm', url: 'http://elsewhere.test/jm/' }], RULES, index.clock.now);
      expect(await index.index.isRemovalRefused(id)).toBe(false);
    });

    it('accepts removals for one sync, and only while some are held', async () => {
      await configure(index, 'jm');
      const { id } = await spaceOf(index, 'jm');
      await index.spaces.acceptRemovals(id);
      const first = await begin(index, 'jm');
      expect(first.isRemovalAccepted).toBe(false);
      await end(index, first.lease, { heldRemovals: 30, warnings: ['held'] });
      expect((await spaceOf(index, 'jm')).heldRemovals).toBe(30);
      await index.spaces.acceptRemovals(id);
      expect((await spaceOf(index, 'jm')).nextSyncAt).toBeLessThanOrEqual(index.clock.now);
      const second = await begin(index, 'jm');
      expect(second.isRemovalAccepted).toBe(true);
      await end(index, second.lease);
      expect((await spaceOf(index, 'jm')).heldRemovals).toBeNull();
      expect((await begin(index, 'jm')).isRemovalAccepted).toBe(false);
    });
  });
}

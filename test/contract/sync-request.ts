import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../src/domain/model/path.js';
import {
  NO_COUNTS,
  type Sync,
  type SyncMode,
  type SyncOutcome,
  type SyncRequest,
  type SyncTrigger,
} from '../../src/domain/model/sync.js';
import {
  at,
  begin,
  configure,
  end,
  type IndexUnderTest,
  LEASE_MS,
  type MakeIndex,
  spaceOf,
} from './index-under-test.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** How `SyncLog.request` files, merges and refuses. */
export function describeSyncRequest(name: string, make: MakeIndex): void {
  describe(`sync requests: ${name}`, () => {
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
    it('files a sync that can be found', async () => {
      const sync = await request();
      expect(sync).toEqual({
        id: expect.any(Number),
        taskId: expect.stringMatching(UUID),
        spaceId: expect.any(Number),
        user: 'jm',
        mode: 'incremental',
        trigger: 'request',
        requestedBy: 'jm',
        targets: [],
        status: 'PENDING',
        createdAt: 1_000_000,
        updatedAt: 1_000_000,
        startedAt: null,
        endedAt: null,
        counts: NO_COUNTS,
        waiting: 0,
        expected: null,
        errors: [],
        warnings: [],
      });
      expect(await index.syncs.find(sync.id)).toEqual(sync);
      expect(await index.syncs.find(sync.id + 1)).toBeNull();
    });

    it('refuses a client’s request to a suspended space, but not an administrator’s command', async () => {
      await request({ trigger: 'command' });
      const { lease } = await begin(index, 'jm');
      await end(index, lease, { status: 'ERROR', errors: ['401'], isUnauthorized: true });
      await expect(request()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('suspended'),
      });
      expect(await request({ trigger: 'command' })).toMatchObject({ status: 'PENDING' });
    });

    it('refuses a space that is unknown or left out', async () => {
      const { id: spaceId } = await spaceOf(index, 'jm');
      await configure(index, 'lab');
      const wanted = { mode: 'full', trigger: 'request', requestedBy: null, targets: [] } as const;
      await expect(index.syncs.request({ ...wanted, spaceId })).rejects.toMatchObject({ code: 'not-found' });
      await expect(index.syncs.request({ ...wanted, spaceId: 999 })).rejects.toMatchObject({ code: 'not-found' });
    });

    it.each<[SyncMode, SyncMode, SyncMode]>([
      ['incremental', 'incremental', 'incremental'],
      ['incremental', 'full', 'full'],
      ['full', 'incremental', 'full'],
      ['hint', 'incremental', 'incremental'],
      ['incremental', 'hint', 'incremental'],
    ])('a waiting %s takes in a %s and becomes %s', async (waiting, wanted, merged) => {
      const targets = (mode: SyncMode) => (mode === 'hint' ? [at('d')] : []);
      const first = await request({ mode: waiting, targets: targets(waiting) });
      const second = await request({ mode: wanted, targets: targets(wanted) });
      expect(second).toMatchObject({ id: first.id, mode: merged, targets: [] });
      expect(await index.syncs.list({ limit: 10 })).toEqual([second]);
    });

    it('joins the targets of hints', async () => {
      await request({ mode: 'hint', trigger: 'hint', requestedBy: null, targets: [at('a'), at('b')] });
      const sync = await request({ mode: 'hint', trigger: 'hint', requestedBy: null, targets: [at('b'), at('c')] });
      expect(sync.targets).toEqual(['a', 'b', 'c']);
    });

    it('makes more than a hundred targets an incremental sync', async () => {
      const targets = (from: number, count: number) => Array.from({ length: count }, (_, i) => at(`d${from + i}`));
      const hint = { mode: 'hint', trigger: 'hint', requestedBy: null } as const;
      expect(await request({ ...hint, targets: targets(0, 100) })).toMatchObject({ mode: 'hint' });
      expect(await request({ ...hint, targets: targets(100, 1) })).toMatchObject({
        mode: 'incremental',
        targets: [],
      });
      const many = await request({ ...hint, user: 'lab', targets: targets(0, 101) });
      expect(many).toMatchObject({ mode: 'incremental', targets: [] });
    });

    it('gives a waiting sync the urgency of whoever asks next', async () => {
      await request({ trigger: 'schedule', requestedBy: null });
      expect(await request({ trigger: 'request' })).toMatchObject({ trigger: 'request', requestedBy: 'jm' });
      expect(await request({ trigger: 'hint', requestedBy: null })).toMatchObject({
        trigger: 'request',
        requestedBy: 'jm',
      });
    });

    it.each<[SyncMode, SyncTrigger, SyncMode, boolean]>([
      ['full', 'request', 'incremental', true],
      ['incremental', 'request', 'incremental', true],
      ['incremental', 'request', 'full', false],
      ['hint', 'request', 'incremental', false],
      ['full', 'hint', 'hint', false],
      ['full', 'command', 'incremental', false],
    ])('a running %s answers a %s for %s: %s', async (running, trigger, wanted, isAnswered) => {
      const targets = (mode: SyncMode) => (mode === 'hint' ? [ROOT] : []);
      const { sync } = await begin(index, 'jm', { mode: running, targets: targets(running) });
      const answer = await request({ mode: wanted, trigger, targets: targets(wanted) });
      expect(answer.id === sync.id).toBe(isAnswered);
      expect(answer.status).toBe(isAnswered ? 'IN_PROGRESS' : 'PENDING');
    });

    it('a sync that another process has taken up answers no client, as it has passed what the first one listed', async () => {
      const { sync, lease } = await begin(index, 'jm', { mode: 'full' });
      await index.syncs.release(lease);
      expect(await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS })).toMatchObject({ isResumed: true });
      expect(await request({ mode: 'incremental', trigger: 'schedule' })).toMatchObject({ id: sync.id });
      expect(await request({ mode: 'incremental', trigger: 'request' })).toMatchObject({ status: 'PENDING' });
    });

    it.each(['is no more', 'has left it to another'])('a sync whose process %s answers no client', async (how) => {
      const { sync, lease } = await begin(index, 'jm', { mode: 'full' });
      if (how === 'is no more') index.clock.now += LEASE_MS;
      else await index.syncs.release(lease);
      const answer = await request({ mode: 'incremental', trigger: 'request' });
      expect(answer).toMatchObject({ status: 'PENDING', mode: 'incremental' });
      expect((await request({ mode: 'incremental', trigger: 'request' })).id).toBe(answer.id);
      // Both are done: first what was left behind, then what was asked for after that.
      const again = await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS });
      expect(again).toMatchObject({ sync: { id: sync.id }, isResumed: true });
      if (again !== null) await end(index, again.lease);
      expect(await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS })).toMatchObject({
        sync: { id: answer.id },
        isResumed: false,
      });
    });

    describe('that a running sync has answered', () => {
      const unfinished = () => index.syncs.list({ limit: 10, statuses: ['PENDING', 'IN_PROGRESS'] });
      const followUp = { status: 'PENDING', mode: 'incremental', trigger: 'request', requestedBy: 'jm', targets: [] };
      /** Begins a sync that a client's request joins. */
      const beginJoined = async () => {
        const claimed = await begin(index, 'jm');
        expect(await request()).toEqual(claimed.sync);
        return claimed;
      };

      it('is followed by another one, and that by none', async () => {
        const { lease, sync } = await beginJoined();
        expect(await request({ requestedBy: 'admin' })).toEqual(sync);
        expect(await unfinished()).toEqual([sync]);
        index.clock.now += 1_000;
        await end(index, lease);
        expect(await index.syncs.find(sync.id)).toMatchObject({ status: 'PROCESSED', requestedBy: null });
        expect(await unfinished()).toMatchObject([{ ...followUp, createdAt: index.clock.now }]);
        // Its answer was lost.
        await end(index, lease);
        const next = await index.syncs.claim({ owner: 'worker', leaseMs: LEASE_MS });
        expect(next).toMatchObject({ isResumed: false, sync: { id: sync.id + 1 } });
        await end(index, lease);
        if (next !== null) await end(index, next.lease);
        expect(await unfinished()).toEqual([]);
      });

      it('is followed by another one, and that by another if a client joins it, too', async () => {
        await end(index, (await beginJoined()).lease);
        const next = await index.syncs.claim({ owner: 'worker', leaseMs: LEASE_MS });
        expect(await request({ requestedBy: 'admin' })).toEqual(next?.sync);
        if (next !== null) await end(index, next.lease);
        expect(await unfinished()).toMatchObject([{ ...followUp, requestedBy: 'admin' }]);
      });

      it.each<[string, Partial<SyncOutcome>, boolean]>([
        ['has failed', { status: 'ERROR', errors: ['connect refused'] }, true],
        ['was refused the credentials', { status: 'ERROR', errors: ['401'], isUnauthorized: true }, false],
        ['was given up', { status: 'CANCELLED' }, false],
      ])('is followed by another one after it %s, unless that is of no use: %s', async (_, outcome, follows) => {
        const { lease } = await beginJoined();
        await end(index, lease, outcome);
        expect(await unfinished()).toMatchObject(follows ? [followUp] : []);
      });

      it.each<[string, (sync: Sync) => Promise<unknown>]>([
        ['somebody has cancelled it', ({ id }) => index.syncs.cancel(id)],
        ['its space was left out', () => configure(index, 'lab')],
      ])('is followed by none once %s', async (_, stop) => {
        const { lease, sync } = await beginJoined();
        await stop(sync);
        await end(index, lease);
        await configure(index, 'jm', 'lab');
        expect(await unfinished()).toEqual([]);
      });

      it.each(['released', 'left behind'])('is followed by another one after it was %s and resumed', async (how) => {
        const { lease, sync } = await beginJoined();
        if (how === 'released') await index.syncs.release(lease);
        else index.clock.now += LEASE_MS;
        const again = await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS });
        expect(again).toMatchObject({ isResumed: true, sync: { id: sync.id } });
        await end(index, lease);
        expect(await unfinished()).toMatchObject([{ id: sync.id }]);
        if (again !== null) await end(index, again.lease);
        expect(await unfinished()).toMatchObject([followUp]);
      });

      it('is taken in at its end by the one that waits', async () => {
        const { lease } = await beginJoined();
        const waiting = await request({ mode: 'hint', trigger: 'hint', requestedBy: null, targets: [ROOT] });
        expect(waiting).toMatchObject({ status: 'PENDING', mode: 'hint' });
        await end(index, lease);
        expect(await unfinished()).toMatchObject([{ ...followUp, id: waiting.id }]);
      });

      it('is followed by none if it was the schedule’s', async () => {
        const { lease, sync } = await begin(index, 'jm');
        expect(await request({ trigger: 'schedule', requestedBy: null })).toEqual(sync);
        await end(index, lease);
        expect(await unfinished()).toEqual([]);
      });
    });
  });
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../src/domain/diagnosis/history.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';
import { PROCESSED } from '../support/processed.js';
import {
  configure,
  type IndexUnderTest,
  image,
  listing,
  type MakeIndex,
  spaceOf,
  syncOnce,
} from './index-under-test.js';

const GOING_ON = new AbortController().signal;
const DAY_MS = 24 * HOUR_MS;
const ENDED: SyncOutcome = {
  ...PROCESSED,
  counts: { ...NO_COUNTS, added: 3, removed: 1 },
};

export function describeIndexHistory(name: string, make: MakeIndex): void {
  describe(`the past by hours: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000 * DAY_MS;
    });
    afterEach(() => index.close());

    const end = async (user: string, outcome: Partial<SyncOutcome> = {}) => {
      const request = { mode: 'full', trigger: 'command', requestedBy: null, targets: [] } as const;
      const { id } = await index.syncs.request({ ...request, spaceId: (await spaceOf(index, user)).id });
      const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 30_000, syncId: id });
      if (claimed === null) throw new Error('nothing to claim');
      await index.syncs.finish(claimed.lease, { ...ENDED, ...outcome });
    };

    it('has the syncs that ended in each, without those that were cancelled', async () => {
      await configure(index, 'jm', 'lab');
      expect(await index.history.hours()).toEqual([]);
      await end('jm');
      await end('lab', { status: 'ERROR', counts: NO_COUNTS });
      await end('lab', { status: 'CANCELLED' });
      index.clock.now += HOUR_MS;
      await end('jm');
      expect(await index.history.hours()).toEqual([
        { hour: 24_000, syncs: 2, failed: 1, added: 3, removed: 1, stock: null },
        { hour: 24_001, syncs: 1, failed: 0, added: 3, removed: 1, stock: null },
      ]);
    });

    it('has the spaces, images and bytes as they were counted last in each', async () => {
      await configure(index, 'jm', 'lab');
      await syncOnce(index, 'jm', listing('', [image('a.ova', { sizeBytes: 5 }), image('b.ova', { sizeBytes: null })]));
      await index.history.count(index.clock.now, GOING_ON);
      const stocks = async () => (await index.history.hours()).map(({ stock }) => stock);
      expect(await stocks()).toEqual([{ spaces: 2, images: 2, bytes: 5 }]);
      await syncOnce(index, 'lab', listing('', [image('c.ova', { sizeBytes: 7 })]));
      await syncOnce(index, 'jm', listing('', [image('a.ova', { sizeBytes: 6 }), image('b.ova', { sizeBytes: null })]));
      await index.history.count(index.clock.now, GOING_ON);
      expect(await stocks(), 'what has changed is counted again').toEqual([{ spaces: 2, images: 3, bytes: 13 }]);
      await configure(index, 'lab');
      await index.history.count(index.clock.now + HOUR_MS, GOING_ON);
      expect(await stocks()).toEqual([
        { spaces: 2, images: 3, bytes: 13 },
        { spaces: 1, images: 1, bytes: 7 },
      ]);
    });

    it('notes nothing that was not counted to its end', async () => {
      await configure(index, 'jm');
      await index.history.count(index.clock.now, AbortSignal.abort());
      expect(await index.history.hours()).toEqual([]);
    });

    it('keeps an hour of each day after 60 days', async () => {
      await configure(index, 'jm');
      for (const hour of [0, 5, 23, 24]) await index.history.count(index.clock.now + hour * HOUR_MS, GOING_ON);
      await index.history.count(index.clock.now + 62 * DAY_MS, GOING_ON);
      expect((await index.history.hours()).map(({ hour }) => hour - 24_000)).toEqual([23, 24, 62 * 24]);
    });

    it('names the first few whose spaces need a person', async () => {
      await configure(index, 'a', 'b', 'c', 'd', 'e', 'f');
      for (const user of ['c', 'b', 'a']) await end(user, { heldRemovals: 1 });
      await end('d', { status: 'ERROR', isUnauthorized: true, errors: ['401'] });
      await end('e', { status: 'ERROR', errors: ['no answer'] });
      await end('f');
      expect(await index.history.troubled(2)).toEqual({ held: ['a', 'b'], suspended: ['d'], failing: ['e'] });
      await configure(index, 'c', 'f');
      expect(await index.history.troubled(2)).toEqual({ held: ['c'], suspended: [], failing: [] });
    });
  });
}

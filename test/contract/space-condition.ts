import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rateAfterLook, UNKNOWN_RATE } from '../../src/domain/freshness/change-rate.js';
import { ROOT } from '../../src/domain/model/path.js';
import { NO_COUNTS, type SyncMode, type SyncOutcome } from '../../src/domain/model/sync.js';
import {
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  listing,
  type MakeIndex,
  RULES,
  spaceOf,
} from './index-under-test.js';

const HOUR = 3_600_000;
const INCOMPLETE = { counts: { ...NO_COUNTS, failures: 1 }, warnings: ['/d: 403'] };
const FAILED = { status: 'ERROR', errors: ['connect refused'] } as const;
const REFUSED = { status: 'ERROR', errors: ['401'], isUnauthorized: true } as const;

/** What the end of a sync says about its space: `SyncLog.finish` writes it, `ImageCatalogue.space` shows it. */
export function describeSpaceCondition(name: string, make: MakeIndex): void {
  describe(`condition of a space: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000_000;
      await configure(index, 'jm');
    });
    afterEach(() => index.close());

    const conditionAfter = async (mode: SyncMode, ...outcomes: readonly Partial<SyncOutcome>[]) => {
      for (const outcome of outcomes) {
        index.clock.now += 1_000;
        const { lease } = await begin(index, 'jm', { mode, targets: mode === 'hint' ? [ROOT] : [] });
        await end(index, lease, outcome);
      }
      const { lastSyncAt, lastSuccessAt, trouble, heldRemovals } = await spaceOf(index, 'jm');
      return { lastSyncAt, lastSuccessAt, trouble, heldRemovals };
    };
    const trouble = (kind: string, message: string) => ({ kind, message, at: index.clock.now });

    it('is good after a whole sync', async () => {
      expect(await conditionAfter('full', FAILED, {})).toEqual({
        lastSyncAt: index.clock.now,
        lastSuccessAt: index.clock.now,
        trouble: null,
        heldRemovals: null,
      });
    });

    it('has what the sync learned of a search, and passes it on to the next', async () => {
      const search = { found: 'matched', misses: 0, searchedMarker: 'etag:1', trouble: null } as const;
      await conditionAfter('full', { search });
      const known = { search: 'seen', searchProofs: 0, searchMisses: 0, searchedMarker: 'etag:1', searchTrouble: null };
      expect((await spaceOf(index, 'jm')).search).toEqual(known);
      const { lease, ...claimed } = await begin(index, 'jm');
      expect(claimed).toMatchObject({ search: known, isNew: false, isInOrder: true });
      await end(index, lease, INCOMPLETE);
      expect((await spaceOf(index, 'jm')).search).toEqual({ ...known, searchedMarker: null });
      expect(await begin(index, 'jm')).toMatchObject({ isInOrder: false });
    });

    it('learns from each look how often the space changes, and nothing from the first, a hint, or one that left something out', async () => {
      const rateAfter = async (mode: SyncMode, outcome: Partial<SyncOutcome> = {}) => {
        index.clock.now += HOUR;
        const { lease } = await begin(index, 'jm', { mode, targets: mode === 'hint' ? [ROOT] : [] });
        await end(index, lease, outcome);
        return (await spaceOf(index, 'jm')).rate;
      };
      const changed = { counts: { ...NO_COUNTS, added: 2 } };
      expect(await rateAfter('incremental', changed)).toEqual(UNKNOWN_RATE);
      const once = rateAfterLook(UNKNOWN_RATE, true, HOUR);
      expect(await rateAfter('incremental', changed)).toEqual(once);
      expect(await rateAfter('hint', changed)).toEqual(once);
      expect(await rateAfter('incremental', INCOMPLETE)).toEqual(once);
      expect(await rateAfter('incremental', FAILED)).toEqual(once);
      expect(await rateAfter('full')).toEqual(rateAfterLook(once, false, 4 * HOUR));
    });

    it('forgets how often it changed where the space is on another storage', async () => {
      await conditionAfter('incremental', {}, { counts: { ...NO_COUNTS, added: 1 } });
      expect((await spaceOf(index, 'jm')).rate).not.toEqual(UNKNOWN_RATE);
      await index.spaces.configure([{ user: 'jm', url: 'http://other.test/' }], RULES, index.clock.now);
      expect((await spaceOf(index, 'jm')).rate).toEqual(UNKNOWN_RATE);
    });

    it('names what could not be listed', async () => {
      expect(await conditionAfter('incremental', {}, INCOMPLETE)).toEqual({
        lastSyncAt: index.clock.now,
        lastSuccessAt: index.clock.now - 1_000,
        trouble: trouble('incomplete', '/d: 403'),
        heldRemovals: null,
      });
    });

    it('names why a sync failed, and keeps the rest', async () => {
      expect(await conditionAfter('full', {}, FAILED)).toEqual({
        lastSyncAt: index.clock.now - 1_000,
        lastSuccessAt: index.clock.now - 1_000,
        trouble: trouble('failed', 'connect refused'),
        heldRemovals: null,
      });
    });

    it('is suspended by refused credentials', async () => {
      expect((await conditionAfter('full', REFUSED)).trouble).toEqual(trouble('unauthorized', '401'));
      expect((await conditionAfter('hint', REFUSED)).trouble).toEqual(trouble('unauthorized', '401'));
    });

    it('stays as it is after a cancelled sync', async () => {
      const before = await conditionAfter('full', {}, FAILED);
      expect(await conditionAfter('full', { status: 'CANCELLED' })).toEqual(before);
    });

    it('holds removals until a sync holds none', async () => {
      const held = { heldRemovals: 30, warnings: ['held: 30 of 40'] };
      expect(await conditionAfter('full', {}, held)).toMatchObject({
        heldRemovals: 30,
        lastSuccessAt: index.clock.now - 1_000,
        trouble: null,
      });
      expect((await conditionAfter('full', FAILED)).heldRemovals).toBe(30);
      expect((await conditionAfter('full', {})).heldRemovals).toBeNull();
    });

    it('stays held while images are marked as absent', async () => {
      const first = await begin(index, 'jm');
      await commit(index, first.lease, listing('', ['x.ova', 'y.ova'], ['d']));
      await commit(index, first.lease, listing('', ['x.ova'], ['d']), { removals: 'hold' });
      await end(index, first.lease, { heldRemovals: 1 });
      expect((await conditionAfter('hint', {})).heldRemovals).toBe(1);
      expect((await conditionAfter('full', INCOMPLETE)).heldRemovals).toBe(1);
      const last = await begin(index, 'jm');
      await commit(index, last.lease, listing('', ['x.ova', 'y.ova'], ['d']));
      await end(index, last.lease);
      expect((await spaceOf(index, 'jm')).heldRemovals).toBeNull();
    });

    it('is not made fresh by a hint', async () => {
      expect(await conditionAfter('hint', {})).toEqual({
        lastSyncAt: null,
        lastSuccessAt: null,
        trouble: null,
        heldRemovals: null,
      });
      const failing = await conditionAfter('full', {}, FAILED);
      expect(await conditionAfter('hint', {}, INCOMPLETE, FAILED, {})).toEqual(failing);
    });

    it('lets a hint replace the trouble of a hint, and only a look at the whole end it', async () => {
      expect((await conditionAfter('hint', FAILED)).trouble).toEqual(trouble('failed', 'connect refused'));
      const incomplete = trouble('incomplete', '/d: 403');
      incomplete.at += 1_000;
      expect((await conditionAfter('hint', INCOMPLETE)).trouble).toEqual(incomplete);
      expect((await conditionAfter('hint', {})).trouble).toEqual(incomplete);
      expect((await conditionAfter('incremental', {})).trouble).toBeNull();
    });
  });
}

import { rateAfterLook } from '../freshness/change-rate.js';
import type { Sync, SyncOutcome } from '../model/sync.js';
import type { SpaceRecord } from './space-record.js';

/** What looks have told about a space: how often it changes, and what looking costs. */
export type LookRecord = Pick<SpaceRecord, 'rate' | 'lookCost'>;

/**
 * Returns what is known of a space after a sync of all of it at `now` that left nothing unlisted. Changes that a hint
 * has shown meanwhile don't count: they needed no look. Full syncs tell nothing about the cost of the others.
 */
export function afterLook(
  before: LookRecord & Pick<SpaceRecord, 'lastSuccessAt'>,
  { mode }: Pick<Sync, 'mode'>,
  { counts }: Pick<SyncOutcome, 'counts'>,
  now: number,
): LookRecord {
  const { added, altered, removed, requests } = counts;
  const hasChanged = added + altered + removed > 0;
  return {
    rate:
      before.lastSuccessAt === null ? before.rate : rateAfterLook(before.rate, hasChanged, now - before.lastSuccessAt),
    lookCost: mode === 'incremental' ? costAfter(before.lookCost, requests) : before.lookCost,
  };
}

/** Falls at once, as when markers are believed from now on, and rises by half the way: most looks find no change. */
function costAfter(before: number | null, requests: number): number {
  const cost = Math.max(1, requests);
  return before === null || cost < before ? cost : (before + cost) / 2;
}

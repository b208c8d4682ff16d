import type { ResourcePath } from '../../domain/model/path.js';
import { MAX_WARNINGS, type SyncCounts } from '../../domain/model/sync.js';
import type { Proofs } from './proven-subtrees.js';

/** The results of a run so far. */
export interface RunNotes {
  readonly counts: SyncCounts;
  readonly warnings: readonly string[];
  count(more: Partial<SyncCounts>): void;
  /** Notes a collection that stays as it was. */
  leave(collection: ResourcePath): void;
  /** Notes a collection that stays as it was, and why. */
  warn(collection: ResourcePath, message: string): void;
}

/** Creates notes that continue from the counts of an earlier run of the same sync. */
export function createNotes(before: SyncCounts, proofs: Pick<Proofs, 'spoil'>): RunNotes {
  const counts = { ...before };
  const warnings: string[] = [];
  const leave = (collection: ResourcePath) => {
    counts.failures += 1;
    proofs.spoil(collection);
  };
  return {
    counts,
    warnings,
    count(more) {
      for (const name of Object.keys(more) as (keyof SyncCounts)[]) counts[name] += more[name] ?? 0;
    },
    leave,
    warn(collection, message) {
      leave(collection);
      if (warnings.length < MAX_WARNINGS) warnings.push(`/${collection}: ${message}`);
    },
  };
}

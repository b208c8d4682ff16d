import type { SyncMode, SyncOutcome } from './sync.js';

/** Syncs in a row that gave up because the storage had too much to do; the next one begins with what they left unlisted. */
export interface LeftOff {
  /** `full` if each of them was: only then may a full sync rely on what they listed. */
  readonly mode: 'full' | 'incremental';
  /** Their ids, the oldest first. */
  readonly syncs: readonly number[];
}

/** Ten days of a 15-minute schedule. What older syncs listed is listed once more before the rest. */
const MOST_SYNCS = 1_000;

/** Returns where a space has been left off after a sync has ended. Hints neither use nor change it. */
export function leftOffAfter(
  before: LeftOff | null,
  { id, mode }: { readonly id: number; readonly mode: SyncMode },
  { status, isLeftOff = false }: Pick<SyncOutcome, 'status' | 'isLeftOff'>,
): LeftOff | null {
  if (mode === 'hint') return before;
  if (status === 'PROCESSED') return null;
  if (!isLeftOff) return before;
  return { mode, syncs: [...continuedBy(before, mode), id].slice(-MOST_SYNCS) };
}

/** Lists the syncs whose listings a sync of this mode need not repeat before all others. */
export function continuedBy(before: LeftOff | null, mode: SyncMode): readonly number[] {
  if (before === null || mode === 'hint' || (mode === 'full' && before.mode !== 'full')) return [];
  return before.syncs;
}

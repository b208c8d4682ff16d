import type { Sync, SyncMode } from './sync.js';

/** How much of its space a sync covers. */
export type SyncScope = Pick<Sync, 'mode' | 'targets'>;

/** Listing more collections than this one by one costs about as much as an incremental sync. */
export const MAX_TARGETS = 100;

const RANK: Record<SyncMode, number> = { hint: 0, incremental: 1, full: 2 };

/** Returns the smallest scope that does what both do; only hints have targets. */
export function widen(a: SyncScope, b: SyncScope): SyncScope {
  const wider = RANK[a.mode] >= RANK[b.mode] ? a : b;
  if (wider.mode !== 'hint') return { mode: wider.mode, targets: [] };
  const targets = [...new Set([...a.targets, ...b.targets])];
  return targets.length > MAX_TARGETS ? { mode: 'incremental', targets: [] } : { mode: 'hint', targets };
}

/** Whether `a` does everything that `b` asks for. */
export function covers(a: SyncScope, b: SyncScope): boolean {
  if (a.mode === 'hint' && b.mode === 'hint') return b.targets.every((target) => a.targets.includes(target));
  return RANK[a.mode] >= RANK[b.mode];
}

import type { Space } from './space.js';
import type { SyncOutcome } from './sync.js';

/** How a space is doing, as far as the log is concerned: a line is written when that changes, not for each sync. */
export type Condition = 'well' | 'incomplete' | 'busy' | 'failing' | 'held' | 'suspended';

/** Returns the condition after a sync that ended like this. */
export function conditionAfter(outcome: SyncOutcome): Condition {
  if (outcome.isUnauthorized) return 'suspended';
  if (outcome.isLeftOff === true) return 'busy';
  if (outcome.status === 'ERROR') return 'failing';
  if (outcome.heldRemovals !== null) return 'held';
  return outcome.warnings.length > 0 ? 'incomplete' : 'well';
}

/** Returns the condition of a space according to the index, before its first sync in this process. */
export function conditionOf({ trouble, heldRemovals }: Pick<Space, 'trouble' | 'heldRemovals'>): Condition {
  if (trouble?.kind === 'unauthorized') return 'suspended';
  if (heldRemovals !== null) return 'held';
  if (trouble?.kind === 'failed') return 'failing';
  return trouble?.kind === 'incomplete' ? 'incomplete' : 'well';
}

/**
 * Returns what the log says about a sync: that the space's condition has changed, that its list has, or nothing. For a
 * host that is down, the host's own line has said it; a sync that was requested is logged in any case.
 */
export function newsOf(news: {
  readonly before: Condition;
  readonly after: Condition;
  readonly hasChanges: boolean;
  readonly isHostDown: boolean;
  readonly isAskedFor: boolean;
}): 'trouble' | 'recovery' | 'changes' | null {
  const { before, after, hasChanges, isHostDown, isAskedFor } = news;
  if (after === 'well') return before !== 'well' ? 'recovery' : hasChanges ? 'changes' : null;
  if (isHostDown && (after === 'failing' || after === 'busy')) return null;
  if (before !== after || isAskedFor) return 'trouble';
  return hasChanges ? 'changes' : null;
}

import type { Space } from './space.js';
import type { SyncOutcome } from './sync.js';

/** How a space does, as far as the log is concerned: a line is written when it changes, not for each sync. */
export type Condition = 'well' | 'incomplete' | 'busy' | 'failing' | 'held' | 'suspended';

/** After a sync that ended like this. */
export function conditionAfter(outcome: SyncOutcome): Condition {
  if (outcome.isUnauthorized) return 'suspended';
  if (outcome.isLeftOff === true) return 'busy';
  if (outcome.status === 'ERROR') return 'failing';
  if (outcome.heldRemovals !== null) return 'held';
  return outcome.warnings.length > 0 ? 'incomplete' : 'well';
}

/** As the index has the space, before its first sync of this process. */
export function conditionOf({ trouble, heldRemovals }: Pick<Space, 'trouble' | 'heldRemovals'>): Condition {
  if (trouble?.kind === 'unauthorized') return 'suspended';
  if (heldRemovals !== null) return 'held';
  if (trouble?.kind === 'failed') return 'failing';
  return trouble?.kind === 'incomplete' ? 'incomplete' : 'well';
}

/**
 * What the log says of a sync: that the space's condition is another one, that its list is, or nothing. Of a host that is
 * down the host's own line has told; what somebody asked for is told in any case.
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

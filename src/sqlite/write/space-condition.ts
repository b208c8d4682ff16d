import { retryAt } from '../../domain/hosts/suspension.js';
import type { SpaceTrouble } from '../../domain/model/space.js';
import { MAX_HELD_REASONS, type SyncMode, type SyncOutcome } from '../../domain/model/sync.js';

/** The columns of a space that the end of a sync decides about. */
export interface SpaceCondition {
  readonly troubleKind: SpaceTrouble['kind'] | null;
  readonly troubleMessage: string | null;
  readonly troubleAt: number | null;
  /** A hint noted the trouble, so a hint may clear it. */
  readonly isTroubleOfHint: 0 | 1;
  readonly heldRemovals: number | null;
  /** JSON array of texts. */
  readonly heldReasons: string;
  readonly isRemovalAccepted: 0 | 1;
  readonly isRemovalRefused: 0 | 1;
  readonly isRelocated: 0 | 1;
  readonly lastSyncAt: number | null;
  readonly lastSuccessAt: number | null;
  /** Of its credentials, in a row. */
  readonly refusals: number;
  /** When a suspended space is tried by itself; null also where that is filed. */
  readonly retryAt: number | null;
}

type Trouble = Pick<SpaceCondition, 'troubleKind' | 'troubleMessage' | 'troubleAt' | 'isTroubleOfHint'>;

/**
 * A space's condition after a sync that processed or failed. `markedImages` of it are
 * still marked as absent. A hint looks at little of a space: it neither makes the
 * whole fresh nor ends a trouble that it didn't note.
 */
export function conditionAfter(
  before: SpaceCondition,
  mode: SyncMode,
  outcome: SyncOutcome,
  markedImages: number,
  now: number,
): SpaceCondition {
  const isHint = mode === 'hint';
  const trouble = troubleAfter(before, isHint, outcome, now);
  const after = { ...before, ...trouble, ...suspensionAfter(before, trouble, outcome, now) };
  if (outcome.status !== 'PROCESSED') return after;

  // What an earlier sync held and this one didn't look at is held on.
  const heldRemovals = Math.max(outcome.heldRemovals ?? 0, markedImages) || null;
  const isInOrder = !isHint && outcome.counts.failures === 0 && heldRemovals === null;
  const isSuccess = outcome.counts.failures === 0 && outcome.warnings.length === 0;
  return {
    ...after,
    heldRemovals,
    heldReasons: heldRemovals === null ? '[]' : JSON.stringify(reasonsAfter(before, isHint, outcome)),
    isRemovalAccepted: heldRemovals === null ? 0 : before.isRemovalAccepted,
    isRemovalRefused: heldRemovals === null ? 0 : before.isRemovalRefused,
    isRelocated: isInOrder ? 0 : before.isRelocated,
    lastSyncAt: isHint ? before.lastSyncAt : now,
    lastSuccessAt: isHint || !isSuccess ? before.lastSuccessAt : now,
  };
}

function suspensionAfter(
  before: SpaceCondition,
  { troubleKind }: Trouble,
  outcome: SyncOutcome,
  now: number,
): Pick<SpaceCondition, 'refusals' | 'retryAt'> {
  const refusals = outcome.isUnauthorized ? before.refusals + 1 : before.refusals;
  if (troubleKind !== 'unauthorized') return { refusals: outcome.status === 'PROCESSED' ? 0 : refusals, retryAt: null };
  return { refusals, retryAt: (outcome.isUnauthorized ? null : before.retryAt) ?? retryAt(refusals, now) };
}

function reasonsAfter({ heldReasons }: SpaceCondition, isHint: boolean, outcome: SyncOutcome): readonly string[] {
  const before = JSON.parse(heldReasons) as readonly string[];
  if (outcome.heldRemovals === null) return before;
  return isHint ? [...new Set([...before, ...outcome.heldReasons])].slice(0, MAX_HELD_REASONS) : outcome.heldReasons;
}

function troubleAfter(before: SpaceCondition, isHint: boolean, outcome: SyncOutcome, troubleAt: number): Trouble {
  const isTroubleOfHint = isHint ? 1 : 0;
  if (outcome.status === 'ERROR' && outcome.isUnauthorized) {
    const troubleMessage = outcome.errors[0] ?? 'the storage refused the credentials';
    return { troubleKind: 'unauthorized', troubleMessage, troubleAt, isTroubleOfHint: 0 };
  }
  if (isHint && before.troubleKind !== null && before.isTroubleOfHint === 0) return before;
  if (outcome.status === 'ERROR') {
    const troubleMessage = outcome.errors[0] ?? 'the sync failed without saying why';
    return { troubleKind: 'failed', troubleMessage, troubleAt, isTroubleOfHint };
  }
  const { failures } = outcome.counts;
  if (failures > 0) {
    const troubleMessage = outcome.warnings[0] ?? `${failures} collections could not be listed`;
    return { troubleKind: 'incomplete', troubleMessage, troubleAt, isTroubleOfHint };
  }
  return { troubleKind: null, troubleMessage: null, troubleAt: null, isTroubleOfHint: 0 };
}

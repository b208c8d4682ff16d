import { retryAt } from '../hosts/suspension.js';
import { leftOffAfter } from '../model/left-off.js';
import { isAnotherFingerprint, learn } from '../model/markers.js';
import { learnSearch, uncompared } from '../model/search.js';
import type { SpaceTrouble } from '../model/space.js';
import { MAX_HELD_REASONS, type Sync, type SyncOutcome } from '../model/sync.js';
import { afterLook } from './look-record.js';
import { isSuspended, type SpaceRecord } from './space-record.js';

/**
 * Returns the record of a space after a sync that ended at `now`; `markedImages` of it are still marked as absent. A
 * hint checks little of a space: it neither makes the whole fresh nor ends its trouble, which may lie elsewhere.
 */
export function afterSync(
  before: SpaceRecord,
  sync: Pick<Sync, 'id' | 'mode'>,
  outcome: SyncOutcome,
  markedImages: number,
  now: number,
): SpaceRecord {
  const learned = {
    ...before,
    ...evidenceAfter(before, sync, outcome, now),
    search: learnSearch(before.search, outcome.search, { isFull: sync.mode === 'full', isInOrder: isInOrder(outcome) }),
  };
  if (outcome.status === 'CANCELLED') return learned;
  const isHint = sync.mode === 'hint';
  const trouble = troubleAfter(before, isHint, outcome, now);
  const after = {
    ...learned,
    ...trouble,
    ...suspensionAfter({ ...before, ...trouble }, outcome, now),
    // A suspension takes the place of any other trouble, and ends without a look at what could not be listed.
    search: isOtherTroubleLost(before, outcome) ? uncompared(learned.search) : learned.search,
    leftOff: leftOffAfter(before.leftOff, sync, outcome),
  };
  if (outcome.status === 'ERROR') return after;

  // Removals that an earlier sync held and that this one didn't check stay held.
  const heldRemovals = Math.max(outcome.heldRemovals ?? 0, markedImages) || null;
  const isHeld = heldRemovals !== null;
  const isAllRight = !isHint && outcome.counts.failures === 0 && !isHeld;
  const isSuccess = outcome.counts.failures === 0 && outcome.warnings.length === 0;
  const { rate, lookCost } = isAllRight && isSuccess ? afterLook(before, sync, outcome, now) : before;
  return {
    ...after,
    unchangedRequests: requestsAfter(learned, sync, outcome),
    rate,
    lookCost,
    heldRemovals,
    heldReasons: isHeld ? reasonsAfter(before, isHint, outcome) : [],
    isRemovalAccepted: isHeld && before.isRemovalAccepted,
    isRemovalRefused: isHeld && before.isRemovalRefused,
    isRelocated: !isAllRight && before.isRelocated,
    ...restorationAfter(before, outcome, isAllRight && sync.mode === 'full'),
    lastSyncAt: isHint ? before.lastSyncAt : now,
    lastSuccessAt: isHint || !isSuccess ? before.lastSuccessAt : now,
  };
}

/** Whether a sync left nothing unlisted and held nothing. */
function isInOrder({ status, counts, warnings, heldRemovals }: SyncOutcome): boolean {
  return status === 'PROCESSED' && counts.failures === 0 && warnings.length === 0 && heldRemovals === null;
}

/** Returns whether the storage is one that was restored from a backup; a whole full sync ends that. */
function restorationAfter(
  before: SpaceRecord,
  { fingerprint = null }: SyncOutcome,
  isAllInOrder: boolean,
): Pick<SpaceRecord, 'fingerprint' | 'isRestored'> {
  const isRestored = before.isRestored || isAnotherFingerprint(before.fingerprint, fingerprint);
  return { fingerprint: fingerprint ?? before.fingerprint, isRestored: isRestored && !isAllInOrder };
}

type Trouble = Pick<SpaceRecord, 'trouble' | 'isTroubleOfHint'>;

function troubleAfter(before: SpaceRecord, isHint: boolean, outcome: SyncOutcome, at: number): Trouble {
  const { status, isUnauthorized, errors, warnings, counts } = outcome;
  const noted = (kind: SpaceTrouble['kind'], message: string): Trouble => ({
    trouble: { kind, message, at },
    isTroubleOfHint: isHint && kind !== 'unauthorized',
  });
  if (status === 'ERROR' && isUnauthorized) {
    return noted('unauthorized', errors[0] ?? 'the storage refused the credentials');
  }
  const isAnyTrouble = status === 'ERROR' || counts.failures > 0;
  if (isHint && before.trouble !== null && !(isAnyTrouble && before.isTroubleOfHint)) return before;
  if (status === 'ERROR') return noted('failed', errors[0] ?? 'the sync failed without saying why');
  if (counts.failures > 0) {
    return noted('incomplete', warnings[0] ?? `${counts.failures} collections could not be listed`);
  }
  return { trouble: null, isTroubleOfHint: false };
}

/** Whether something could not be listed of which the record tells nothing once the credentials were refused. */
function isOtherTroubleLost(before: SpaceRecord, { isUnauthorized, counts }: SyncOutcome): boolean {
  return isUnauthorized && (counts.failures > 0 || (before.trouble !== null && !isSuspended(before)));
}

/** Returns how often its credentials were refused and when it is retried; `space` already has the trouble of this sync. */
function suspensionAfter(
  space: SpaceRecord,
  { status, isUnauthorized }: SyncOutcome,
  now: number,
): Pick<SpaceRecord, 'refusals' | 'retryAt'> {
  const refusals = isUnauthorized ? space.refusals + 1 : space.refusals;
  if (!isSuspended(space)) return { refusals: status === 'PROCESSED' ? 0 : refusals, retryAt: null };
  return { refusals, retryAt: (isUnauthorized ? null : space.retryAt) ?? retryAt(refusals, now) };
}

function reasonsAfter({ heldReasons }: SpaceRecord, isHint: boolean, outcome: SyncOutcome): readonly string[] {
  if (outcome.heldRemovals === null) return heldReasons;
  if (!isHint) return outcome.heldReasons;
  return [...new Set([...heldReasons, ...outcome.heldReasons])].slice(0, MAX_HELD_REASONS);
}

function evidenceAfter(
  { evidence, pollDueAt, unchangedRequests }: SpaceRecord,
  { mode }: Pick<Sync, 'mode'>,
  { findings }: SyncOutcome,
  now: number,
): Pick<SpaceRecord, 'evidence' | 'pollDueAt' | 'unchangedRequests'> {
  if (findings.names === null && findings.subtree === null) return { evidence, pollDueAt, unchangedRequests };
  const after = learn(evidence, findings, mode === 'full');
  // The first poll comes at once, and plans the next; what it will cost is not what looking at everything did.
  const isLearned = evidence.subtree !== 'seen' && after.subtree === 'seen';
  if (isLearned) return { evidence: after, pollDueAt: now, unchangedRequests: null };
  return { evidence: after, pollDueAt, unchangedRequests };
}

/** Returns what looking costs while nothing changes, as the last incremental sync without a change has shown. */
function requestsAfter(
  { unchangedRequests }: Pick<SpaceRecord, 'unchangedRequests'>,
  { mode }: Pick<Sync, 'mode'>,
  { counts: { added, altered, removed, requests } }: SyncOutcome,
): number | null {
  return mode === 'incremental' && added + altered + removed === 0 ? requests : unchangedRequests;
}

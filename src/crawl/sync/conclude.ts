import { MAX_WARNINGS, type SyncOutcome } from '../../domain/model/sync.js';
import type { ContentWriter } from '../../domain/ports/image-index.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import type { Searching } from '../search/searching.js';
import type { CommitBuffer } from './commit-buffer.js';
import type { MarkerWatch } from './marker-learning.js';
import type { Removals } from './pending-removals.js';
import type { Proofs } from './proven-subtrees.js';
import type { RestoreWatch } from './restore-watch.js';
import type { RunNotes } from './run-notes.js';

/**
 * Ends a sync whose walk is over: commits its removals, as far as the sum of all removals can be believed, and records
 * what the markers were seen to prove.
 */
export async function concludeSync(deps: {
  readonly claimed: Pick<ClaimedSync, 'sync' | 'lease' | 'isRestored'>;
  readonly index: Pick<ContentWriter, 'prove'>;
  readonly buffer: CommitBuffer;
  readonly removals: Pick<Removals, 'any' | 'conclude'>;
  readonly restores: Pick<RestoreWatch, 'look' | 'seen'>;
  readonly watch: Pick<MarkerWatch, 'conclude'>;
  readonly searching: Pick<Searching, 'conclude'>;
  readonly proofs: Proofs;
  readonly notes: RunNotes;
  readonly signal: AbortSignal;
}): Promise<SyncOutcome> {
  const { claimed, index, buffer, removals, restores, watch, searching, proofs, notes, signal } = deps;
  await buffer.flush();
  const restored = removals.any() ? await restores.look(signal) : { isRestored: claimed.isRestored, requests: 0 };
  notes.count({ requests: restored.requests });
  const { commits, held, reasons } = await removals.conclude(notes.counts.added, restored.isRestored);
  for (const commit of commits) {
    if (commit.removals === 'hold') proofs.spoil(commit.changes.collection);
    await buffer.add(commit);
  }
  await buffer.flush();

  const { findings, requests } = await watch.conclude(signal);
  notes.count({ requests });
  const proven = proofs.proven();
  if (claimed.sync.mode !== 'hint' && proven.length > 0) await index.prove(claimed.lease, proven);

  const isHeld = held > 0;
  const isWhole = !isHeld && reasons.length + notes.warnings.length + notes.counts.failures === 0;
  const search = await searching.conclude({ isWhole, isTaught: findings.subtree === 'moved' });
  return {
    status: 'PROCESSED',
    counts: notes.counts,
    errors: [],
    warnings: [...(isHeld ? reasons.map((reason) => `held: ${reason}`) : reasons), ...notes.warnings].slice(
      0,
      MAX_WARNINGS,
    ),
    isUnauthorized: false,
    heldRemovals: isHeld ? held : null,
    heldReasons: isHeld ? reasons : [],
    findings,
    fingerprint: restores.seen(),
    ...(search === undefined ? {} : { search }),
  };
}

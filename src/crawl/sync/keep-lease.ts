import { OvadexError } from '../../domain/model/errors.js';
import type { SyncStanding } from '../../domain/model/sync.js';
import type { ClaimedSync, SyncRuns } from '../../domain/ports/sync-log.js';
import type { RunPhase } from './run-phase.js';

/** Interval at which found images and the counts of a sync become visible; the lease is renewed with them. */
const PROGRESS_MS = 1_000;

/**
 * Renews the lease of a run every second, and commits with it, until the returned function is called, which resolves once
 * what was begun has ended: the next run of the same sync may have the very same lease, under which a database would still
 * take a commit of this one. The run ends if either fails.
 */
export function keepLease(deps: {
  readonly claimed: Pick<ClaimedSync, 'lease'>;
  readonly log: Pick<SyncRuns, 'progress'>;
  readonly leaseMs: number;
  readonly flush: () => Promise<void>;
  readonly standing: () => SyncStanding;
  readonly phase: Pick<RunPhase, 'end'>;
}): () => Promise<void> {
  const { claimed, log, leaseMs, flush, standing, phase } = deps;
  const renew = async () => {
    try {
      await flush();
      if (!(await log.progress(claimed.lease, standing(), leaseMs))) phase.end({ kind: 'lost' });
    } catch (error) {
      phase.end(isConflict(error) ? { kind: 'lost' } : { kind: 'failed', error });
    }
  };
  let renewing: Promise<void> | null = null;
  const heartbeat = setInterval(() => {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
  }, PROGRESS_MS);
  return async () => {
    clearInterval(heartbeat);
    await renewing;
  };
}

/** Whether the lease went to another process, or the sync was cancelled. */
export function isConflict(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'conflict';
}

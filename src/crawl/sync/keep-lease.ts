import { OvadexError } from '../../domain/model/errors.js';
import type { SyncStanding } from '../../domain/model/sync.js';
import type { ClaimedSync, SyncLog } from '../../domain/ports.js';

/** Holds the lease of a run while it goes on. */
export interface LeaseKeeping {
  /** Somebody else holds the lease by now, or the sync was cancelled. */
  lose(): void;
  /** Renews it no more. */
  stop(): void;
  /**
   * Commits what a run that is given up has found; false where it may write nothing more. Rejects with what kept
   * the lease from being renewed.
   */
  flushRest(): Promise<boolean>;
}

/** Readers see what was found, and whoever follows the sync its counts; the lease is renewed with them. */
const PROGRESS_MS = 1_000;

/** Renews the lease of a run every second, and commits with it; `onLost` is aborted where that fails. */
export function keepLease(deps: {
  readonly claimed: Pick<ClaimedSync, 'lease'>;
  readonly log: Pick<SyncLog, 'progress'>;
  readonly leaseMs: number;
  readonly flush: () => Promise<void>;
  readonly standing: () => SyncStanding;
  readonly onLost: AbortController;
}): LeaseKeeping {
  const { claimed, log, leaseMs, flush, standing, onLost } = deps;
  let isLost = false;
  let failure: unknown = null;

  const renew = async () => {
    try {
      await flush();
      isLost ||= !(await log.progress(claimed.lease, standing(), leaseMs));
      if (isLost) onLost.abort();
    } catch (error) {
      if (isConflict(error)) isLost = true;
      else failure ??= error;
      onLost.abort();
    }
  };

  const heartbeat = setInterval(() => void renew(), PROGRESS_MS);
  return {
    lose() {
      isLost = true;
    },
    stop: () => clearInterval(heartbeat),
    async flushRest() {
      if (failure !== null) throw failure;
      if (isLost) return false;
      try {
        await flush();
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
        return false;
      }
    },
  };
}

/** The lease went to somebody else, or the sync was cancelled. */
export function isConflict(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'conflict';
}

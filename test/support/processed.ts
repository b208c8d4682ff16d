import { NO_FINDINGS } from '../../src/domain/model/markers.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';

/** The outcome of a sync that has ended well, and found nothing. */
export const PROCESSED: SyncOutcome = {
  status: 'PROCESSED',
  counts: NO_COUNTS,
  errors: [],
  warnings: [],
  isUnauthorized: false,
  heldRemovals: null,
  heldReasons: [],
  findings: NO_FINDINGS,
};

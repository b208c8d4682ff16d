import type { Clock } from '../../domain/ports/clock.js';
import type { SyncLog } from '../../domain/ports/sync-log.js';
import type { Database } from '../connection/database.js';

export function createSyncLog(_db: Database, _clock: Clock): SyncLog {
  throw new Error('not written yet');
}

import type { RunLog } from '../../domain/ports/image-changes.js';
import type { Database } from '../connection/database.js';

export function createRunLog(_db: Database): RunLog {
  throw new Error('not written yet');
}

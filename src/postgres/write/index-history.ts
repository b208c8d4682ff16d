import type { IndexHistory } from '../../domain/ports/index-history.js';
import type { Database } from '../connection/database.js';

export function createIndexHistory(_db: Database): IndexHistory {
  throw new Error('not written yet');
}

import type { IndexMaintenance } from '../../domain/ports/image-index.js';
import type { Database } from '../connection/database.js';

export function createIndexMaintenance(_db: Database): IndexMaintenance {
  throw new Error('not written yet');
}

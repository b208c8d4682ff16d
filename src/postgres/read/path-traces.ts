import type { PathTraces } from '../../domain/ports/path-traces.js';
import type { Database } from '../connection/database.js';

export function createPathTraces(_db: Database): PathTraces {
  throw new Error('not written yet');
}

import type { Clock } from '../../domain/ports/clock.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';
import type { Database } from '../connection/database.js';

export function createSpaceRegistry(_db: Database, _clock: Clock): SpaceRegistry {
  throw new Error('not written yet');
}

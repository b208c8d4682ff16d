import type { Clock } from '../../domain/ports/clock.js';
import type { DescriptionStore } from '../../domain/ports/description-store.js';
import type { Database } from '../connection/database.js';

export function createDescriptionStore(
  _db: Database,
  _options: { readonly clock: Clock; readonly reader?: number },
): DescriptionStore {
  throw new Error('not written yet');
}

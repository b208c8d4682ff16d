import type { LinkStore } from '../../domain/ports/link-store.js';
import type { Database } from '../connection/database.js';

export function createLinkStore(_db: Database): LinkStore {
  throw new Error('not written yet');
}

import type { TokenStore } from '../../domain/ports/token-store.js';
import type { Database } from '../connection/database.js';

export function createTokenStore(_db: Database): TokenStore {
  throw new Error('not written yet');
}

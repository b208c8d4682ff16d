import type { PathHint } from '../model/path-hint.js';
import type { Sync, SyncRequest } from '../model/sync.js';

/** Sends requests to the crawler, wherever it runs. */
export interface Crawler {
  requestSync(request: SyncRequest): Promise<Sync>;
  acceptRemovals(spaceId: number): Promise<void>;
  refuseRemovals(spaceId: number): Promise<void>;
  resume(spaceId: number): Promise<void>;
  /**
   * Notes that a user's own storage has just taken that user's password: a suspended space on a Nextcloud is tried again,
   * by one request at the most. Users without a space are ignored.
   */
  loggedIn(user: string): Promise<void>;
  cancel(syncId: number): Promise<boolean>;
  /** Has the collections listed soon that these hints name; those that lead to no space are ignored. */
  hint(hints: readonly PathHint[]): Promise<void>;
}

import type { LookSpace } from '../freshness/look.js';
import type { Space, SpaceSettings } from '../model/space.js';
import type { Sync } from '../model/sync.js';
import type { Round } from '../policy/space-plan.js';
import type { Lead } from './leadership.js';

/** The spaces that were due. */
export interface DueSpaces {
  readonly filed: readonly Sync[];
  /** Users for whom a waiting or running sync already does what was due. */
  readonly takenIn: readonly string[];
}

/** The spaces that are synced, and when. */
export interface SpaceRegistry {
  /**
   * Makes these the configured spaces: new ones are due at once, those left out are no longer shown and keep their
   * rows. A changed URL makes a space due. `rules` stands for what counts as an image: if it has changed, markers no
   * longer prove anything. Rejects with OvadexError `conflict` if `lead` is lost; without one nobody else may lead.
   */
  configure(
    spaces: readonly Pick<SpaceSettings, 'user' | 'url'>[],
    rules: string,
    now: number,
    lead?: Lead,
  ): Promise<readonly Space[]>;
  /**
   * Sets when each is due next; an earlier time that is already set stays. A `poll` is an incremental sync of the
   * spaces whose markers prove whole subtrees; it leaves the others alone. A `look` is one of any space in order, at a
   * time of its own: it takes the place of one that was planned.
   */
  schedule(round: Round, dueAt: ReadonlyMap<string, number>): Promise<void>;
  /** Returns the spaces in order that have been looked at: all of them, or this user's. */
  looks(user: string | null): Promise<readonly LookSpace[]>;
  /**
   * Files a sync for each space that is due, and clears its times: all of them have to be planned again. Suspended
   * spaces are left out. Rejects as `configure` does if `lead` is lost.
   */
  fileDue(now: number, lead?: Lead): Promise<DueSpaces>;
  /** Allows the removals of a held space at its next sync, which is due at once. */
  acceptRemovals(spaceId: number): Promise<void>;
  /** Keeps what a held removal would remove, until one is accepted or the storage shows it again. */
  refuseRemovals(spaceId: number): Promise<void>;
  /** Ends a suspension; the space is due at once. */
  resume(spaceId: number): Promise<void>;
  /** Sets when a suspended space is retried automatically; it stays suspended until that succeeds. */
  retry(spaceId: number, at: number): Promise<void>;
  /** Brings that time forward as `retryAfterLogIn` says, once its user has logged in at the storage. */
  retryAfterLogIn(spaceId: number): Promise<void>;
}

import type { PagePlace } from '../lists/page.js';
import type { SyncQuery } from '../lists/sync-list.js';
import type { MarkerEvidence } from '../model/markers.js';
import type { SearchEvidence } from '../model/search.js';
import type { Sync, SyncOutcome, SyncRequest, SyncStanding, SyncStatus } from '../model/sync.js';

/** The right to write a space's images: one run at a time, even across processes. */
export interface Lease {
  readonly syncId: number;
  readonly spaceId: number;
  readonly owner: string;
}

export interface SyncFilter {
  readonly user?: string;
  readonly statuses?: readonly SyncStatus[];
  /** The most syncs to list, the newest first. */
  readonly limit: number;
}

/** A sync that this process now runs, and the lease that comes with it. */
export interface ClaimedSync {
  readonly sync: Sync;
  readonly lease: Lease;
  /** An earlier run of the same sync ended without reporting; this one continues where that stopped. */
  readonly isResumed: boolean;
  /** The syncs right before it that gave up because of load: what they have listed comes last. */
  readonly leftOff: readonly number[];
  /** Shown images of the space at the start. */
  readonly shownImages: number;
  readonly isRemovalAccepted: boolean;
  readonly isRemovalRefused: boolean;
  /** The space has a new URL, and no sync since has found everything in order. */
  readonly isRelocated: boolean;
  /** The storage's fingerprint when it was last seen, as in `Listing`; null if it never was. */
  readonly fingerprint: string | null;
  /** The storage was restored from a backup, and no full sync since has found everything in order. */
  readonly isRestored: boolean;
  /** What the markers of the space were seen to prove. */
  readonly evidence: MarkerEvidence;
  /** What is known of its storage's own search. */
  readonly search: SearchEvidence;
  /** No sync of the space has ended yet. */
  readonly isNew: boolean;
  /** The last sync left nothing unlisted, and no removal is held. */
  readonly isInOrder: boolean;
  /** As in `isSubtreeBelieved`. */
  readonly isSubtreeBelieved: boolean;
}

/** Syncs, or a page of them. */
export interface SyncList {
  readonly syncs: readonly Sync[];
  readonly place: PagePlace;
}

/** Requests for syncs, and their cancellation. */
export interface SyncRequests {
  /**
   * Files a request. A sync that waits for the same space takes it in (its mode widened if needed) and is returned
   * instead; so is a running one that does as much, at which a client's request is noted, see `finish`. Throws
   * OvadexError `not-found` for a space that isn't configured, and `conflict` for a `request` to a suspended one: each
   * attempt with refused credentials may bring a lock-out nearer.
   */
  request(request: SyncRequest): Promise<Sync>;
  /** Cancels a sync that waits or runs; false if it has already ended. */
  cancel(id: number): Promise<boolean>;
}

/** The runs of syncs, for the holder of a space's lease. */
export interface SyncRuns {
  /**
   * Takes the next sync that may run (or this one, by its id) together with its space's lease, for `leaseMs`; null if
   * none may. Syncs that a dead process left behind come first. `skip` names spaces for which this process already runs
   * one.
   */
  claim(options: {
    owner: string;
    leaseMs: number;
    syncId?: number;
    skip?: readonly number[];
  }): Promise<ClaimedSync | null>;
  /**
   * Takes the next syncs that may run, of different spaces, at most `atMost`, as so many claims one after the other would;
   * none if none may. What many processes claim at the same moment, each leaves to the others. If more than a thousand spaces
   * are to be skipped, each call may look at a part of the queue, and what could not run before may be found ten seconds late.
   */
  claimUpTo(
    atMost: number,
    options: { owner: string; leaseMs: number; skip?: readonly number[] },
  ): Promise<readonly ClaimedSync[]>;
  /**
   * Notes progress and renews the lease; false once it is lost or the sync was cancelled. No count becomes less: a commit
   * that a run doesn't know of has counted what it changed.
   */
  progress(lease: Lease, standing: SyncStanding, leaseMs: number): Promise<boolean>;
  /**
   * Ends the sync, with counts as in `progress`, notes the space's condition, gives the lease back, and files what follows
   * for a client whose request the sync has answered; returns when a suspended space is retried, or null. Of a sync that
   * has already ended with this status it returns the same, and changes nothing.
   */
  finish(lease: Lease, outcome: SyncOutcome): Promise<number | null>;
  /** Gives the lease back and leaves the sync unfinished; the next claim resumes it. */
  release(lease: Lease): Promise<void>;
  /**
   * Gives back all leases of an owner but those of these spaces: after a claim whose answer was lost it may have some that it
   * doesn't know of. Nothing else of this owner may claim meanwhile.
   */
  releaseUnknown(owner: string, known: readonly number[]): Promise<void>;
}

/** All syncs: waiting, running and ended. */
export interface SyncHistory {
  find(id: number): Promise<Sync | null>;
  list(filter: SyncFilter): Promise<readonly Sync[]>;
  /** Returns any part of the log, in any order. Rejects with OvadexError `usage` if that would take too long. */
  page(query: SyncQuery): Promise<SyncList>;
}

/** Syncs from their request to their end. */
export type SyncLog = SyncRequests & SyncRuns & SyncHistory;

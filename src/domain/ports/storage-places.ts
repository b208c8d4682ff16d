import type { AskedPlaces } from '../hosts/places.js';
import type { ToldOutage } from '../hosts/told-outage.js';

/** What a host is told when it renews its lease. */
export interface GrantedPlaces {
  readonly places: number;
  /** See `RenewedPlaces`. */
  readonly share: number;
}

/** A storage that has asked for a pause. */
export interface StoragePause {
  readonly storage: string;
  /** How much of it is left, in ms. */
  readonly leftMs: number;
}

/**
 * What all hosts of an index know of the storages that they ask. A storage is named by what its limit is for, and its
 * origin. Rejects with OvadexError `index`.
 */
export interface StoragePlaces {
  /** Renews a host's lease of places at a storage, as `renewPlaces` does. */
  renew(storage: string, asked: AskedPlaces): Promise<GrantedPlaces>;
  /** Tells all others that a storage wants to be left alone for so long; a longer pause stays. */
  pause(storage: string, owner: string, forMs: number): Promise<void>;
  /** Returns the pauses that others than this host have met and that are not over. */
  pauses(owner: string): Promise<readonly StoragePause[]>;
}

/** An outage that is told. */
export interface LastingOutage extends ToldOutage {
  /** How long it is still told unless that is renewed, in ms. */
  readonly leftMs: number;
  /** Whether another crawler is answered meanwhile. */
  readonly isContradicted: boolean;
}

/**
 * The outages of storages that the crawlers of an index tell each other. Each is told for so many ms, so that nobody is
 * believed for long who is no more. Rejects with OvadexError `index`.
 */
export interface StorageOutages {
  /** Tells of an outage, in place of what its owner has told of that storage. */
  tell(outage: ToldOutage, forMs: number): Promise<void>;
  /** Goes on telling what an owner tells of these storages; what was ended meanwhile stays so. */
  renew(owner: string, storages: readonly string[], forMs: number): Promise<void>;
  /**
   * The storage has answered somebody at `answeredAt`: for so many ms, outages are contradicted that others tell of and that
   * began before.
   */
  contradict(
    storage: string,
    by: { readonly owner: string; readonly answeredAt: number },
    forMs: number,
  ): Promise<void>;
  /** The storage answers: nobody tells of an outage any more, unless they meet it again. */
  end(storage: string): Promise<void>;
  /** Nothing is told any more by this owner. */
  withdraw(owner: string): Promise<void>;
  /** Returns what is told, the owner's own included. */
  told(): Promise<readonly LastingOutage[]>;
}

/** Which of several crawlers reads what the images of a storage are. */
export interface ReadingTurns {
  /**
   * Takes the turn at a storage, by its origin, or goes on having it, for this long; returns false while another process has it. Of
   * several that ask at once one gets it.
   */
  take(storage: string, owner: string, leaseMs: number): Promise<boolean>;
  /** Gives it back, if it is still one's own. */
  giveBack(storage: string, owner: string): Promise<void>;
}

import type { AskedPlaces } from '../hosts/places.js';

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

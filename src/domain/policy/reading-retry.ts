import type { ListingFailure } from '../model/listing.js';

/** What a failed reading says something about, and what is left alone for a while because of it. */
export type ReadingTrouble = 'image' | 'space' | 'storage';

/** Failures that any other image of the storage would meet as well. */
const OF_STORAGE: ReadonlySet<ListingFailure> = new Set(['unreachable', 'timeout', 'busy', 'maintenance']);

/**
 * Returns what a failed reading is about. Refused credentials are the space's: each further attempt with them would
 * bring a lock-out nearer, and the next sync finds out whether they are still good.
 */
export function troubleOfReading(failure: ListingFailure): ReadingTrouble {
  if (failure === 'unauthorized') return 'space';
  return OF_STORAGE.has(failure) ? 'storage' : 'image';
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A storage that restarts is back within a minute; a closed folder or refused credentials are there to stay. */
const FIRST_MS: Record<ReadingTrouble, number> = { storage: MINUTE_MS, image: 10 * MINUTE_MS, space: 60 * MINUTE_MS };
/** Storages come back at any time; a file that can't be read costs one request a day. */
const LONGEST_MS: Record<ReadingTrouble, number> = { storage: 30 * MINUTE_MS, image: DAY_MS, space: DAY_MS };

/** Returns for how long nothing is read after so many failures in a row, in ms. */
export function pauseAfterReadings(trouble: ReadingTrouble, failures: number): number {
  return Math.min(FIRST_MS[trouble] * 2 ** Math.min(failures - 1, 30), LONGEST_MS[trouble]);
}

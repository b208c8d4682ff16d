import type { ListingFailure } from '../../domain/model/listing.js';
import { ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';

/** Tells a storage that is down from single collections that give no answer. */
export interface Outages {
  /** Notes that a collection was answered, successfully or not. */
  noteAnswer(): void;
  /** Whether the storage is down, after a listing that failed; `requests` is how many it took to find out. */
  isDown(
    failure: ListingFailure,
    signal: AbortSignal,
  ): Promise<{ readonly isDown: boolean; readonly requests: number }>;
}

/** After this many collections in a row without an answer, the storage is down, not the collections. */
const OUTAGES_IN_A_ROW = 5;

/** Creates the detector; `isAtOnce`: the first collection without an answer is enough, since only a few are asked. */
export function createOutages(store: Pick<RemoteStore, 'probe'>, isAtOnce: boolean): Outages {
  const limit = isAtOnce ? 1 : OUTAGES_IN_A_ROW;
  let inARow = 0;
  return {
    noteAnswer() {
      inARow = 0;
    },
    async isDown(failure, signal) {
      // The whole host was given up, or says so itself, not just for this collection.
      if (failure === 'busy' || failure === 'maintenance') return { isDown: true, requests: 0 };
      // `malformed` may be another program on the storage's port; the root tells.
      const isOutage = failure === 'unreachable' || failure === 'timeout' || failure === 'malformed';
      inARow = isOutage ? inARow + 1 : 0;
      if (inARow < limit) return { isDown: false, requests: 0 };
      inARow = 0;
      // Silence has already cost its whole time limit; that is not spent again.
      if (failure === 'timeout') return { isDown: true, requests: 0 };
      // Apache closes the connection on each collection that it may enter but not list, while the root still answers.
      const { presence, requests } = await store.probe(ROOT, signal);
      return { isDown: presence !== 'present', requests };
    },
  };
}

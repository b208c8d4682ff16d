import type { ListingFailure } from '../../domain/model/listing.js';
import { ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports.js';

/** Tells a storage that is down from collections that give no answer. */
export interface Outages {
  /** A collection was answered, well or badly. */
  noteAnswer(): void;
  /** Whether the storage is down, after a listing that failed; `requests` is what it took to know. */
  isDown(
    failure: ListingFailure,
    signal: AbortSignal,
  ): Promise<{ readonly isDown: boolean; readonly requests: number }>;
}

/** So many collections in a row without an answer: the storage is down, not the collections. */
const OUTAGES_IN_A_ROW = 5;

/** `isAtOnce`: the first one without an answer is enough, where only a few are asked. */
export function createOutages(store: Pick<RemoteStore, 'probe'>, isAtOnce: boolean): Outages {
  const limit = isAtOnce ? 1 : OUTAGES_IN_A_ROW;
  let inARow = 0;
  return {
    noteAnswer() {
      inARow = 0;
    },
    async isDown(failure, signal) {
      // The whole host was given up, and not for this one.
      if (failure === 'busy') return { isDown: true, requests: 0 };
      // `malformed` may be another program on the storage's port; the root tells.
      const isOutage = failure === 'unreachable' || failure === 'timeout' || failure === 'malformed';
      inARow = isOutage ? inARow + 1 : 0;
      if (inARow < limit) return { isDown: false, requests: 0 };
      inARow = 0;
      // Silence has cost its whole time already; nothing is asked again for that.
      if (failure === 'timeout') return { isDown: true, requests: 0 };
      // Apache closes the connection on each collection that it may enter and not list: the root answers all the while.
      const { presence, requests } = await store.probe(ROOT, signal);
      return { isDown: presence !== 'present', requests };
    },
  };
}

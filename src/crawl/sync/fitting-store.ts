import { failedListing } from '../../domain/model/listing.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { fitsKeys, leaveOutTooLong, tooLong } from '../../domain/reconcile/key-length.js';

/**
 * Returns the storage as far as an index with keys of `most` bytes can keep what it shows; null: it can keep everything.
 * What a search finds beyond that is left out, as listings tell of it.
 */
export function leavingOutTooLong(store: RemoteStore, most: number | null): RemoteStore {
  if (most === null) return store;
  return {
    async list(collection, signal) {
      if (!fitsKeys(collection, most)) return failedListing(collection, 'too-large', tooLong(collection), 0);
      return leaveOutTooLong(await store.list(collection, signal), most);
    },
    probe: (collection, signal) => store.probe(collection, signal),
    async search(signal, isFirst) {
      const answer = await store.search(signal, isFirst);
      if (answer?.kind !== 'found') return answer;
      return { ...answer, images: answer.images.filter(({ path }) => fitsKeys(path, most)) };
    },
    close: () => store.close(),
  };
}

import { setMaxListeners } from 'node:events';
import { failedListing, type ListingFailure } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';

/** The host of a store, whose answers are noted. */
export interface HeardHost {
  /**
   * Returns what is answered instead of asking while the host is down, otherwise null; waits while it is being found out
   * whether it is. Rejects with the reason of an aborted signal.
   */
  refusal(signal: AbortSignal): Promise<Refusal | null>;
  /** Begins a request; what is returned notes how that ended. */
  ask(): (collection: ResourcePath, failure: ListingFailure | null, detail: string) => void;
}

export interface Refusal {
  readonly failure: ListingFailure;
  readonly detail: string;
}

/** Returns the store with calls answered without asking while its host is down. */
export function hearStore(store: RemoteStore, host: HeardHost): RemoteStore {
  return {
    async list(collection, signal) {
      const down = await host.refusal(signal);
      if (down !== null) return failedListing(collection, down.failure, down.detail, 0);
      const note = host.ask();
      const listing = await store.list(collection, signal);
      const { verdict } = listing;
      note(collection, verdict.complete ? null : verdict.failure, verdict.complete ? '' : verdict.detail);
      return listing;
    },
    async probe(collection, signal) {
      const down = await host.refusal(signal);
      if (down !== null) {
        return { presence: 'unknown', ...down, marker: null, isSettled: false, mayPropagate: false, requests: 0 };
      }
      const note = host.ask();
      const probe = await store.probe(collection, signal);
      note(collection, probe.failure, probe.detail);
      return probe;
    },
    async search(signal, isFirst) {
      const down = await host.refusal(signal);
      if (down !== null) return { kind: 'failed', ...down, requests: 0 };
      const note = host.ask();
      const search = await store.search(signal, isFirst);
      if (search?.kind === 'found') note(ROOT, null, '');
      // Whatever else a search meets, the listings after it tell whether the host is down.
      else if (search?.kind === 'failed' && search.failure === 'maintenance') {
        note(ROOT, search.failure, search.detail);
      }
      return search;
    },
    close: () => store.close(),
  };
}

/** Resolves once the work is over, and rejects with the reason of a signal that is aborted before. */
export function untilOver(work: Promise<void>, signal: AbortSignal): Promise<void> {
  setMaxListeners(0, signal); // all requests of a sync may wait for the same
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

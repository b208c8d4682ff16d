import { failedListing, type ListingFailure, type Probe } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { judgeRefusal } from '../../domain/reconcile/closed-folders.js';

/** Why a collection was not listed after all, and how many requests it took to find out. */
interface Judged {
  readonly failure: ListingFailure;
  readonly detail: string;
  readonly requests: number;
}

/**
 * Returns the storage for one sync, which tells a folder that is closed to good credentials (`forbidden`) from refused
 * credentials (`unauthorized`). While that is in doubt nothing else is asked, and once they are refused, nothing at
 * all: each further attempt would bring a lock-out nearer.
 */
export function watchCredentials(store: RemoteStore): RemoteStore {
  let inARow = 0;
  let confirmations = 0;
  let asking: Promise<Judged> | null = null;
  let refusal: string | null = null;

  const undoubted = async (): Promise<string | null> => {
    while (asking !== null) await asking;
    return refusal;
  };
  const refuse = (detail: string, requests: number): Judged => {
    refusal ??= detail;
    return { failure: 'unauthorized', detail: refusal, requests };
  };

  /** Judges a collection that answered 401. */
  const judge = async (collection: ResourcePath, detail: string, signal: AbortSignal): Promise<Judged> => {
    if (refusal !== null) return refuse(detail, 0);
    inARow++;
    const verdict = judgeRefusal({ isRoot: collection === ROOT, inARow, confirmations });
    if (verdict === 'refused') return refuse(detail, 0);
    const closed: Judged = {
      failure: 'forbidden',
      detail: `${detail}; the root of the space still accepts the credentials, so only this folder is closed to them`,
      requests: 0,
    };
    if (verdict === 'closed') return closed;
    const isFirst = asking === null;
    asking ??= askRoot(signal).finally(() => {
      asking = null;
    });
    const root = await asking;
    const judged = root.failure === 'forbidden' ? closed : root;
    return { ...judged, requests: isFirst ? root.requests : 0 };
  };

  /**
   * Asks for the root; `forbidden` means that it accepts the credentials. Any other trouble says nothing about them;
   * the next 401 asks again.
   */
  const askRoot = async (signal: AbortSignal): Promise<Judged> => {
    const { presence, failure, detail, requests } = await store.probe(ROOT, signal);
    if (failure === 'unauthorized') return refuse(detail, requests);
    if (presence !== 'present') return { failure: failure ?? 'status', detail, requests };
    inARow = 0;
    confirmations++;
    return { failure: 'forbidden', detail, requests };
  };

  /** Lists a collection. `isUnsent`: it was held back because of another's refusal, which proved to be that one's own. */
  const ask = async (collection: ResourcePath, signal: AbortSignal) => {
    const refused = await undoubted();
    if (refused !== null) return { listing: failedListing(collection, 'unauthorized', refused, 0), isUnsent: false };
    const listing = await store.list(collection, signal);
    const { verdict } = listing;
    if (verdict.complete) inARow = 0;
    if (verdict.complete || verdict.failure !== 'unauthorized') return { listing, isUnsent: false };
    const { failure, detail, requests } = await judge(collection, verdict.detail, signal);
    return {
      listing: failedListing(collection, failure, detail, listing.requests + requests),
      isUnsent: listing.requests === 0 && failure === 'forbidden',
    };
  };

  return {
    async list(collection, signal) {
      const { listing, isUnsent } = await ask(collection, signal);
      if (!isUnsent) return listing;
      const again = await ask(collection, signal);
      return { ...again.listing, requests: listing.requests + again.listing.requests };
    },
    async probe(collection, signal) {
      const refused = await undoubted();
      if (refused !== null) return { ...UNASKED, detail: refused };
      const probe = await store.probe(collection, signal);
      if (probe.presence === 'present') inARow = 0;
      if (probe.failure !== 'unauthorized') return probe;
      const { failure, detail, requests } = await judge(collection, probe.detail, signal);
      return { ...probe, failure, detail, requests: probe.requests + requests };
    },
    async search(signal, isFirst) {
      const refused = await undoubted();
      if (refused !== null) return { kind: 'failed', failure: 'unauthorized', detail: refused, requests: 0 };
      const search = await store.search(signal, isFirst);
      // Unless it comes first, who lists after it learns whether a 401 was meant for the whole space.
      if (isFirst === true && search?.kind === 'failed' && search.failure === 'unauthorized') refuse(search.detail, 0);
      return search;
    },
    close: () => store.close(),
  };
}

const UNASKED: Omit<Probe, 'detail'> = {
  presence: 'unknown',
  failure: 'unauthorized',
  marker: null,
  isSettled: false,
  mayPropagate: false,
  requests: 0,
};

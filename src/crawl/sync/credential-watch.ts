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

  /** Judges a collection that answered 401, or was not asked because another one had. */
  const judge = async (
    { collection, isSent }: { readonly collection: ResourcePath; readonly isSent: boolean },
    detail: string,
    signal: AbortSignal,
  ): Promise<Judged> => {
    if (refusal !== null) return refuse(detail, 0);
    if (isSent) inARow++;
    const verdict = judgeRefusal({ isRoot: collection === ROOT, isSent, inARow, confirmations });
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

  /** `isKeptBack`: nothing was sent because of another's refusal, which proved to be that one's own. */
  const list = async (collection: ResourcePath, signal: AbortSignal) => {
    const refused = await undoubted();
    if (refused !== null) return { answer: failedListing(collection, 'unauthorized', refused, 0), isKeptBack: false };
    const listing = await store.list(collection, signal);
    const { verdict, requests: sent } = listing;
    if (verdict.complete) inARow = 0;
    if (verdict.complete || verdict.failure !== 'unauthorized') return { answer: listing, isKeptBack: false };
    const { failure, detail, requests } = await judge({ collection, isSent: sent > 0 }, verdict.detail, signal);
    const answer = failedListing(collection, failure, detail, sent + requests);
    return { answer, isKeptBack: sent === 0 && failure === 'forbidden' };
  };

  /** The same of a probe. */
  const probe = async (collection: ResourcePath, signal: AbortSignal) => {
    const refused = await undoubted();
    if (refused !== null) return { answer: { ...UNASKED, detail: refused }, isKeptBack: false };
    const probed = await store.probe(collection, signal);
    if (probed.presence === 'present') inARow = 0;
    if (probed.failure !== 'unauthorized') return { answer: probed, isKeptBack: false };
    const { requests: sent } = probed;
    const { failure, detail, requests } = await judge({ collection, isSent: sent > 0 }, probed.detail, signal);
    const answer = { ...probed, failure, detail, requests: sent + requests };
    return { answer, isKeptBack: sent === 0 && failure === 'forbidden' };
  };

  /** Asks, and once more if it was kept back. */
  const untilSent = async <Answer extends { readonly requests: number }>(
    ask: () => Promise<{ readonly answer: Answer; readonly isKeptBack: boolean }>,
  ): Promise<Answer> => {
    const { answer, isKeptBack } = await ask();
    if (!isKeptBack) return answer;
    const { answer: second } = await ask();
    return { ...second, requests: answer.requests + second.requests };
  };

  return {
    list: (collection, signal) => untilSent(() => list(collection, signal)),
    probe: (collection, signal) => untilSent<Probe>(() => probe(collection, signal)),
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

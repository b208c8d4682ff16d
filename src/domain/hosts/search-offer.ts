/** What a server's answers have told of the search for images that it may offer. */
export type SearchOffer =
  /** It has told nothing yet: the URL of a space is evidence enough to try once. */
  | { readonly kind: 'unknown' }
  /** It refused the first search of all, which may be the fault of that one space: it is asked what it offers. */
  | { readonly kind: 'doubtful' }
  /** It says that it offers one, but has refused those of so many spaces and answered none. */
  | { readonly kind: 'promised'; readonly refusals: number }
  /** It has answered one. */
  | { readonly kind: 'proven' }
  /** It offers none, and is not asked again. */
  | { readonly kind: 'none' };

export const UNKNOWN_OFFER: SearchOffer = { kind: 'unknown' };

/** A search of one space may fail because of its name to log in; three in a row are a proxy that lets none through. */
const MOST_BROKEN_PROMISES = 3;
/** Statuses of load, of a server that restarts, and of refused credentials: they say nothing about the next time. */
const PASSING = new Set([401, 408, 425, 429, 502, 503, 504, 507, 509]);
/** A server doesn't know the method, or not at this place. */
const NO_SUCH_METHOD = new Set([405, 501]);

/** Whether a status is a refusal that is the same tomorrow. */
export function isLastingRefusal(status: number): boolean {
  return status !== 207 && !PASSING.has(status);
}

/** Returns what is known after a search that was answered with this status. */
export function offerAfterSearch(before: SearchOffer, status: number): SearchOffer {
  if (status === 207) return { kind: 'proven' };
  if (!isLastingRefusal(status) || before.kind === 'proven' || before.kind === 'none') return before;
  if (NO_SUCH_METHOD.has(status)) return { kind: 'none' };
  if (before.kind !== 'promised') return { kind: 'doubtful' };
  const refusals = before.refusals + 1;
  return refusals < MOST_BROKEN_PROMISES ? { kind: 'promised', refusals } : { kind: 'none' };
}

/** Returns what is known after the server was asked what it offers; the refusal before that counts. */
export function offerAfterOptions(isOffered: boolean): SearchOffer {
  return isOffered ? { kind: 'promised', refusals: 1 } : { kind: 'none' };
}

/** Whether a space of this server may be searched before anything else was asked of it. */
export function maySearchFirst({ kind }: SearchOffer): boolean {
  return kind !== 'doubtful' && kind !== 'none';
}

/** What a server's answers have told of the search for images that it may offer. */
export type SearchOffer =
  /** It has told nothing yet: the URL of a space is evidence enough to try once. */
  | { readonly kind: 'unknown' }
  /**
   * It refused the first search of all, which may be the fault of that one space: it is asked what it offers. So many
   * times it has not said.
   */
  | { readonly kind: 'doubtful'; readonly unsaid: number }
  /** It says that it offers one, but has refused those of so many spaces and answered none. */
  | { readonly kind: 'promised'; readonly refusals: number }
  /** It has answered one. */
  | { readonly kind: 'proven' }
  /** It offers none. If it has not said so itself, it is tried again from `until` on, in ms since the epoch. */
  | { readonly kind: 'none'; readonly until: number | null };

export const UNKNOWN_OFFER: SearchOffer = { kind: 'unknown' };

/** A search of one space may fail because of its name to log in; three in a row are a proxy that lets none through. */
const MOST_BROKEN_PROMISES = 3;
const DAY_MS = 86_400_000;
/** A server that restarts is back within a minute; one that answers nothing of use for hours needs no question each time. */
const ASKED_AGAIN_AFTER_MS = 60_000;
/** Statuses of load, of a server that restarts, and of refused credentials: they say nothing about the next time. */
const PASSING = new Set([401, 408, 425, 429, 502, 503, 504, 507, 509]);
/** A server doesn't know the method, or not at this place. */
const NO_SUCH_METHOD = new Set([405, 501]);

/** Whether a status is a refusal that is the same tomorrow. */
export function isLastingRefusal(status: number): boolean {
  return status !== 207 && !PASSING.has(status);
}

/** Returns what holds at this time, in ms since the epoch: a proxy or an upgrade may have ended what a server refused. */
export function offerAt(offer: SearchOffer, now: number): SearchOffer {
  return offer.kind === 'none' && offer.until !== null && now >= offer.until ? UNKNOWN_OFFER : offer;
}

/** Returns what is known after a search that was answered with this status, at this time. */
export function offerAfterSearch(before: SearchOffer, status: number, now: number): SearchOffer {
  if (status === 207) return { kind: 'proven' };
  if (!isLastingRefusal(status) || before.kind === 'proven' || before.kind === 'none') return before;
  const none: SearchOffer = { kind: 'none', until: now + DAY_MS };
  if (NO_SUCH_METHOD.has(status)) return none;
  if (before.kind !== 'promised') return { kind: 'doubtful', unsaid: 0 };
  const refusals = before.refusals + 1;
  return refusals < MOST_BROKEN_PROMISES ? { kind: 'promised', refusals } : none;
}

/**
 * Returns what is known after the server was asked what it offers, and when it may be asked again if it has not said:
 * only an answer of success says so. The refusal before that counts.
 */
export function offerAfterOptions(
  before: SearchOffer,
  said: 'offered' | 'not-offered' | 'unsaid',
  now: number,
): { readonly offer: SearchOffer; readonly until: number } {
  if (said === 'offered') return { offer: { kind: 'promised', refusals: 1 }, until: now };
  if (said === 'not-offered') return { offer: { kind: 'none', until: null }, until: now };
  const unsaid = before.kind === 'doubtful' ? before.unsaid : 0;
  const pauseMs = Math.min(ASKED_AGAIN_AFTER_MS * 4 ** unsaid, DAY_MS);
  return { offer: { kind: 'doubtful', unsaid: unsaid + 1 }, until: now + pauseMs };
}

/** Whether a space of this server may be searched before anything else was asked of it. */
export function maySearchFirst({ kind }: SearchOffer): boolean {
  return kind !== 'doubtful' && kind !== 'none';
}

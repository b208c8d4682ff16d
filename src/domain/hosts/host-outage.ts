import type { ListingFailure } from '../model/listing.js';
import type { SpaceSettings } from '../model/space.js';

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** Whether nothing came back: the host may be down, or unreachable from here. Any answer, even a refusal, is no silence. */
export function isSilence(failure: ListingFailure | null): boolean {
  return failure === 'unreachable' || failure === 'timeout';
}

/** Why a whole host is left alone: it gives no answer, refuses everything for load, or is being maintained. */
export type OutageKind = 'silent' | 'busy' | 'maintenance';

/** Returns what a request for a space says about its host; null if that is in order. */
export function outageOf(failure: ListingFailure | null): OutageKind | null {
  if (isSilence(failure)) return 'silent';
  return failure === 'busy' || failure === 'maintenance' ? failure : null;
}

/**
 * Returns what has to work for a space to be reached, as a key: spaces with the same key share an outage. Besides the
 * host, that is how it is connected to, and the file that a token comes from.
 */
export function wayTo({ url, auth, connection }: Place): string {
  const { tls = null, proxy = null } = connection ?? {};
  return JSON.stringify([new URL(url).origin, tls, proxy, 'tokenFile' in auth ? auth.tokenFile : null]);
}

/** Returns all that may be out of order on the way to a place: the way itself, then its host if that is less. */
export function waysTo(place: Place): readonly [string, ...string[]] {
  const [way, host] = [wayTo(place), wayTo({ ...place, auth: { type: 'none' } })];
  return way === host ? [way] : [way, host];
}

/** Returns what an outage concerns: a silence may lie on the way, what a host says of itself holds for all of it. */
export function wayOfOutage(kind: OutageKind, place: Place): string {
  const [way, host = way] = waysTo(place);
  return kind === 'silent' ? way : host;
}

/** If this many spaces can't be reached or are refused, without an answer in between, the trouble is not that of one space. */
const UNREACHED_SPACES = 2;
/** Roots that are slow to list come in groups, on one disk or in one large project; the requests sent meanwhile only cost time. */
const TIMED_OUT_SPACES = 5;

/**
 * Whether the roots of this many spaces, of all that the host has, are enough to consider the host down; `failure` is
 * that of the last one.
 */
export function isHostDown(failure: ListingFailure, silentSpaces: number, allSpaces: number): boolean {
  // It speaks for the whole server.
  if (failure === 'maintenance') return true;
  const enough = failure === 'timeout' ? TIMED_OUT_SPACES : UNREACHED_SPACES;
  return silentSpaces >= Math.min(enough, Math.max(1, allSpaces));
}

/** Whether a request made during an outage shows that it is over. What is no longer silent may say by itself what it is. */
export function isOver(kind: OutageKind, failure: ListingFailure | null): boolean {
  return kind === 'silent' ? !isSilence(failure) : outageOf(failure) === null;
}

/** A server that is restarted is back within seconds. */
const FIRST_PROBE_MS = 5_000;
/** Equals the shortest outage that anybody asks about later; a request a minute is nothing to any host. */
const LONGEST_PAUSE_MS = 60_000;

/** Returns how long to wait before the `attempt`th request to a host that is down; maintenance takes minutes at least. */
export function pauseBeforeProbe(attempt: number, kind: OutageKind): number {
  if (kind === 'maintenance') return LONGEST_PAUSE_MS;
  return Math.min(FIRST_PROBE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

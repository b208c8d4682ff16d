import type { ListingFailure } from '../model/listing.js';
import type { SpaceSettings } from '../model/space.js';

/** Whether nothing came back: the host may be down, or unreachable from here. Any answer, even a refusal, is no silence. */
export function isSilence(failure: ListingFailure | null): boolean {
  return failure === 'unreachable' || failure === 'timeout';
}

/**
 * Returns what has to work for a space to be reached, as a key: spaces with the same key share an outage. Besides the
 * host, that is how it is connected to, and the file that a token comes from.
 */
export function wayTo({ url, auth, connection }: Pick<SpaceSettings, 'url' | 'auth' | 'connection'>): string {
  const { tls = null, proxy = null } = connection ?? {};
  return JSON.stringify([new URL(url).origin, tls, proxy, 'tokenFile' in auth ? auth.tokenFile : null]);
}

/** If this many spaces can't be reached, without an answer in between, the trouble is not that of one space. */
const UNREACHED_SPACES = 2;
/** Roots that are slow to list come in groups, on one disk or in one large project; the requests sent meanwhile only cost time. */
const TIMED_OUT_SPACES = 5;

/**
 * Whether the roots of this many spaces, of all that the host has, are enough to consider the host down; `failure` is
 * that of the last one.
 */
export function isHostDown(failure: ListingFailure, silentSpaces: number, allSpaces: number): boolean {
  const enough = failure === 'timeout' ? TIMED_OUT_SPACES : UNREACHED_SPACES;
  return silentSpaces >= Math.min(enough, Math.max(1, allSpaces));
}

/** A server that is restarted is back within seconds. */
const FIRST_PROBE_MS = 5_000;
/** Equals the shortest outage that anybody asks about later; a request a minute is nothing to any host. */
const LONGEST_PAUSE_MS = 60_000;

/** Returns how long to wait before the `attempt`th request to a host that is down. */
export function pauseBeforeProbe(attempt: number): number {
  return Math.min(FIRST_PROBE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

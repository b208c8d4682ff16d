import type { ListingFailure } from '../model/listing.js';
import type { SpaceSettings } from '../model/space.js';

/** Nothing came back: what is there may be down, or not reached from here. Any answer at all, a refusal too, is none of these. */
export function isSilence(failure: ListingFailure | null): boolean {
  return failure === 'unreachable' || failure === 'timeout';
}

/**
 * What has to work for a space to be reached, as a key: spaces that are alike in it share an outage. Beside the host that
 * is how it is connected to, and the file that a token comes from.
 */
export function wayTo({ url, auth, connection }: Pick<SpaceSettings, 'url' | 'auth' | 'connection'>): string {
  const { tls = null, proxy = null } = connection ?? {};
  return JSON.stringify([new URL(url).origin, tls, proxy, 'tokenFile' in auth ? auth.tokenFile : null]);
}

/** So many spaces that are not reached, without an answer in between, are no trouble of one space. */
const UNREACHED_SPACES = 2;
/** Roots that are slow to list come in groups, of one disk or one large project; what is asked meanwhile costs its time only. */
const TIMED_OUT_SPACES = 5;

/** Whether the roots of so many spaces, of all that lie there, are enough to take the host for down; the last failed so. */
export function isHostDown(failure: ListingFailure, silentSpaces: number, allSpaces: number): boolean {
  const enough = failure === 'timeout' ? TIMED_OUT_SPACES : UNREACHED_SPACES;
  return silentSpaces >= Math.min(enough, Math.max(1, allSpaces));
}

/** A server that is restarted is there again within seconds. */
const FIRST_PROBE_MS = 5_000;
/** As long as the shortest outage that anybody asks about later; a request a minute is nothing to any host. */
const LONGEST_PAUSE_MS = 60_000;

/** How long to wait before a host that is down is asked again, for the `attempt`th time. */
export function pauseBeforeProbe(attempt: number): number {
  return Math.min(FIRST_PROBE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

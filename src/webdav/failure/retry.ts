import { parseDate } from '../transport/dates.js';

/** Why a request brought no listing, as far as retrying is concerned. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'connection' } // refused, reset, closed on reuse
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cut' } // the body stopped before its end
  | { readonly kind: 'permanent' }; // an unknown host, a bad certificate, an invalid document

/** How often a request is sent in total; refusals for load (`isRefusedForLoad`) are handled by the gate. */
const ATTEMPTS_BY_STATUS = new Map<number, number>([
  [408, 3], // the server closed an idle connection
  [423, 4], // locked while somebody writes
  [425, 4], // oCIS: an upload is still being processed
  [500, 3], // nginx sends it forever for one dangling symlink, others while a file vanishes
  [502, 5],
  [504, 5],
]);
/** Proxies have their own 5xx (520 to 530), which are retried as often as a 500. */
const ATTEMPTS_OF_OTHER_5XX = 3;
/** Permanent ones: not implemented, HTTP version, negotiation, storage full, loop, extension, network log-in. */
const LASTING_5XX = new Set([501, 505, 506, 507, 508, 510, 511]);
const ATTEMPTS_BY_KIND = {
  connection: 4, // a kept connection that the server is just closing fails at once; a restart takes seconds
  timeout: 2, // each has already taken the full time
  cut: 2, // Apache breaks off if a file vanishes during the walk; if it happens twice, it is permanent
  permanent: 1,
};

/** A restarting server is back within seconds; five attempts wait for 4 s in total. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** Dropbox asks for up to 300 s (rclone#1788); a server that asks for more is asked again after that. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Returns how long to wait, in ms, before a request that was sent `attempt` times is sent again; null for never. Waits
 * double from 250 ms to 30 s, half of each random so that clients that failed together don't return together; a
 * Retry-After is a lower bound.
 */
export function nextRetry(
  trouble: Trouble,
  attempt: number,
  { now, random }: { now: number; random: () => number },
): number | null {
  if (attempt >= attemptsFor(trouble)) return null;
  const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  const jitteredMs = Math.round(backOffMs * (0.5 + random() / 2));
  if (trouble.kind !== 'status') return jitteredMs;
  return Math.max(jitteredMs, retryAfterMs(trouble.retryAfter, now) ?? 0);
}

function attemptsFor(trouble: Trouble): number {
  if (trouble.kind !== 'status') return ATTEMPTS_BY_KIND[trouble.kind];
  const { status } = trouble;
  const isOther5xx = status >= 500 && status <= 599 && !LASTING_5XX.has(status);
  return ATTEMPTS_BY_STATUS.get(status) ?? (isOther5xx ? ATTEMPTS_OF_OTHER_5XX : 1);
}

/** Parses a Retry-After header (RFC 9110 10.2.3: seconds or a date), up to a limit; null if it is absent or invalid. */
export function retryAfterMs(header: string | null, now: number, longestMs = LONGEST_RETRY_AFTER_MS): number | null {
  if (header === null) return null;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : (parseDate(text) ?? Number.NaN) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), longestMs);
}

/**
 * Returns a Retry-After in seconds from when the answer was sent, if it is a date and the answer has one, too: the storage's
 * clock may be hours from ours. Any other is returned as it is.
 */
export function retryAfterBy(header: string | null, date: string | null): string | null {
  const until = parseDate(header ?? '');
  const sentAt = parseDate(date ?? '');
  return until === null || sentAt === null ? header : String(Math.max(0, Math.ceil((until - sentAt) / 1_000)));
}

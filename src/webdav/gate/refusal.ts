/**
 * Too Many Requests (RFC 6585 4), Service Unavailable (nginx's default when a limit is reached), and Bandwidth Limit
 * Exceeded (Apache's bandwidth modules): temporary overload, independent of what was asked for.
 */
const REFUSALS = new Set([429, 503, 509]);

export function isRefusedForLoad(status: number): boolean {
  return REFUSALS.has(status);
}

/** A host's refusals since it last let a request through. */
export interface Refusals {
  /** Consecutive refusals, each of a request that was sent alone; at least 1. */
  readonly inARow: number;
  readonly forMs: number;
  /** Whether it has let a request through before, or says when it will. */
  readonly isAlive: boolean;
}

/** Longer than a burst lasts. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Returns how long to leave a host alone after this many consecutive refusals, in ms: doubling from 250 ms to 30 s,
 * half of it random so that clients refused together don't return together, and never less than the host asks for.
 */
export function pauseAfter(inARow: number, askedMs: number, random: () => number): number {
  const backOffMs = Math.min(FIRST_PAUSE_MS * 2 ** (inARow - 1), LONGEST_PAUSE_MS);
  return Math.max(Math.round(backOffMs * (0.5 + random() / 2)), askedMs);
}

/**
 * Refusals before a host known to work is given up: their pauses take at most a minute and a half, after which a limit
 * per minute has reset.
 */
const REFUSALS_OF_THE_LIVING = 10;
/** Refusals before any other host is given up: a server that restarts or mounts its storage is back after 4 s, or not soon. */
const REFUSALS_OF_A_STRANGER = 5;
/** How long a host may refuse, in ms: two of the longest pauses that a host may ask for. */
const REFUSES_FOR_MS = 600_000;

/** Whether to give up a host, so that all waiting requests fail at once in place of being tried one by one. */
export function isGivenUp({ inARow, forMs, isAlive }: Refusals): boolean {
  return inARow >= (isAlive ? REFUSALS_OF_THE_LIVING : REFUSALS_OF_A_STRANGER) || forMs >= REFUSES_FOR_MS;
}

/**
 * Refusals before one request is given up: with the pauses about as long as other 5xx are retried, and enough for a
 * storage that is being mounted.
 */
const REFUSALS_OF_ONE = 4;
/**
 * Refusals before a request is given up after 429, which is never the fault of what was asked for: with a limit of a
 * few per minute, one request may often be unlucky.
 */
const TOO_MANY_OF_ONE = 8;

/**
 * Whether the host refuses this particular request: refused this often, each time alone and after a pause, while others
 * were let through in between.
 */
export function isRefusedAlone(refusals: number, status: number): boolean {
  return refusals >= (status === 429 ? TOO_MANY_OF_ONE : REFUSALS_OF_ONE);
}

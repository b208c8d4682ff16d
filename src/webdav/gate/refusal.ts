/**
 * Too Many Requests (RFC 6585 4), Service Unavailable (what nginx says by default when a limit is met), and Bandwidth
 * Limit Exceeded (Apache's bandwidth modules): there is too much to do just now, which is no fault of what was asked for.
 */
const REFUSALS = new Set([429, 503, 509]);

export function isRefusedForLoad(status: number): boolean {
  return REFUSALS.has(status);
}

/** How a host has refused since it last let a request through. */
export interface Refusals {
  /** Each a request that was alone on its way; 1 at least. */
  readonly inARow: number;
  readonly forMs: number;
  /** It has let a request through before, or says when it will. */
  readonly isAlive: boolean;
}

/** A burst is over within less. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * How long a host is left alone that has refused so often in a row: doubling from 250 ms to 30 s, half of it by chance so
 * that clients that were refused together don't come back together. What the host asks for is the least.
 */
export function pauseAfter(inARow: number, askedMs: number, random: () => number): number {
  const backOffMs = Math.min(FIRST_PAUSE_MS * 2 ** (inARow - 1), LONGEST_PAUSE_MS);
  return Math.max(Math.round(backOffMs * (0.5 + random() / 2)), askedMs);
}

/** Pauses of a minute and a half at most: by then a limit by the minute has let go. */
const REFUSALS_OF_THE_LIVING = 10;
/** A server that restarts, or whose storage is being mounted, is back after 4 s or will not be soon. */
const REFUSALS_OF_A_STRANGER = 5;
/** Two pauses as long as any host may ask for. */
const REFUSES_FOR_MS = 600_000;

/** Whether all that waits for the host is to be told so, instead of being tried one by one. */
export function isGivenUp({ inARow, forMs, isAlive }: Refusals): boolean {
  return inARow >= (isAlive ? REFUSALS_OF_THE_LIVING : REFUSALS_OF_A_STRANGER) || forMs >= REFUSES_FOR_MS;
}

/** With the pauses that takes as long as another 5xx is tried: also a storage that is being mounted there. */
const REFUSALS_OF_ONE = 4;
/** Says of itself that it is no fault of what was asked for; by a limit of a few a minute one may often be the unlucky one. */
const TOO_MANY_OF_ONE = 8;

/**
 * Whether it is what was asked for that the host refuses: so often, each time alone and behind a pause, and others were let
 * through between any two of them.
 */
export function isRefusedAlone(refusals: number, status: number): boolean {
  return refusals >= (status === 429 ? TOO_MANY_OF_ONE : REFUSALS_OF_ONE);
}

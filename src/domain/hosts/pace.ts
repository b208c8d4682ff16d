/** `burst` at once, then one each interval; what comes sooner waits for its turn, for `maxWaitMs` at most. */
export interface Pace {
  readonly burst: number;
  readonly intervalMs: number;
  readonly maxWaitMs: number;
}

/** The turn of a caller: when it may go, and what to store for the next one; or that too many wait already, and until when. */
export type Turn =
  | { readonly waitMs: number; readonly doneAt: number }
  | { readonly waitMs: null; readonly retryAt: number };

/**
 * Applies the generic cell rate algorithm: all that is stored for a key is when its work would be done at an even pace
 * (`doneAt`, in ms since the epoch; undefined if it never had any).
 */
export function nextTurn(doneAt: number | undefined, now: number, pace: Pace): Turn {
  const { burst, intervalMs, maxWaitMs } = pace;
  // No queue is longer, so the clock was set back since; that must not shut anybody out.
  const isOfAnotherTime = doneAt !== undefined && doneAt > now + burst * intervalMs + maxWaitMs;
  const next = (doneAt === undefined || isOfAnotherTime ? now : Math.max(doneAt, now)) + intervalMs;
  const waitMs = Math.max(0, next - burst * intervalMs - now);
  if (waitMs <= maxWaitMs) return { waitMs, doneAt: next };
  return { waitMs: null, retryAt: now + (waitMs - maxWaitMs) };
}

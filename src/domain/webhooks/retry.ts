const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses after the first failures: a restart is over in seconds, a deployment in minutes, the rest needs a person. */
const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
];
/** All further pauses. */
const LONGEST_PAUSE_MS = 6 * HOUR_MS;
/** Pauses are longer by up to this share, so that what failed together isn't tried again together. */
const JITTER = 0.2;
/** A receiver that is down over a long weekend still hears everything. */
export const PATIENCE_MS = 5 * 24 * HOUR_MS;

const GONE = 410;

/** How a message fared that was sent. */
export type Delivery =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  /** There was no answer; why, without secrets. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What is known of the tries to deliver one message. Times are ms since the epoch. */
export interface Tries {
  readonly state: 'due' | 'waiting' | 'dead';
  /** Failed ones. */
  readonly attempts: number;
  readonly firstFailedAt: number | null;
  /** When the next one is due; null unless it is waiting. */
  readonly nextAt: number | null;
  readonly lastError: string | null;
}

/** Of a message that hasn't been sent, or that somebody wants to have sent again at once. */
export const UNTRIED: Tries = { state: 'due', attempts: 0, firstFailedAt: null, nextAt: null, lastError: null };

/** Whether a message may be sent now. */
export function isDue({ state, nextAt }: Pick<Tries, 'state' | 'nextAt'>, now: number): boolean {
  return state !== 'dead' && (nextAt ?? 0) <= now;
}

/** Whether a receiver has taken a message. */
export function isTaken(delivery: Delivery): boolean {
  return delivery.kind === 'answered' && delivery.status >= 200 && delivery.status < 300;
}

/**
 * Returns what follows from a failed try: another one later, or none if it has failed for five days or the receiver
 * says that it is gone for good. `random` is from 0 to 1.
 */
export function afterFailure(before: Tries, delivery: Delivery, now: number, random: number): Tries {
  const attempts = before.attempts + 1;
  const firstFailedAt = before.firstFailedAt ?? now;
  const lastError = reasonOf(delivery);
  const failed = { attempts, firstFailedAt, lastError };
  if (delivery.kind === 'answered' && delivery.status === GONE) return { ...failed, state: 'dead', nextAt: null };
  const pause = PAUSES_MS[before.attempts] ?? LONGEST_PAUSE_MS;
  const asked = delivery.kind === 'answered' ? (delivery.retryAfterMs ?? 0) : 0;
  const nextAt = Math.round(now + Math.max(pause * (1 + JITTER * random), asked));
  if (nextAt > firstFailedAt + PATIENCE_MS) return { ...failed, state: 'dead', nextAt: null };
  return { ...failed, state: 'waiting', nextAt };
}

function reasonOf(delivery: Delivery): string {
  return delivery.kind === 'failed' ? delivery.reason : `it answered ${delivery.status}`;
}

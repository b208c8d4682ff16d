/** The pace of requests to a host that takes only so many per second. Times are in ms. */
export interface Pace {
  /** Time from one request to the next; 0 for no limit. */
  readonly everyMs: number;
  /** The gap at which the host is thought to start refusing. */
  readonly limitMs: number;
  /** The shortest gap that it has sustained for long. */
  readonly provenMs: number;
}

/** Good answers since the last refusal, and the time from one to the next, pause and burst included. */
export interface Measured {
  readonly answers: number;
  readonly everyMs: number;
}

export const UNPACED: Pace = { everyMs: 0, limitMs: 0, provenMs: Number.POSITIVE_INFINITY };

/** Six requests per minute; anything slower is the job of the pause. */
const SLOWEST_MS = 10_000;
/** The resolution of timers. */
const FASTEST_MS = 1;
/**
 * How far to stay from the limit. At limits of 5 to 60 requests per second, with these three numbers, a crawl takes at
 * most 1.3 times the minimum, and 6 requests in 100 are refused. Within a fifth of the limit more are refused, and
 * farther away crawls take longer.
 */
const OFF_LIMIT = 1.2;
/** Factor by which each good answer shrinks the gap, far from the limit: two seconds to halve it at 12 per second. */
const FAR_STEP = 0.97;
/** Factor near the limit, where the next refusal costs a pause. */
const NEAR_STEP = 0.998;

/** Good answers needed to prove a gap; fewer may be a burst. */
const PROVING_ANSWERS = 8;
/**
 * Factor by which the proven gap is forgotten: a limit may drop, but a host that occasionally refuses at any pace must
 * not end up at the slowest.
 */
const FORGOTTEN_EACH_TIME = 1.005;

/**
 * Returns the pace after a refusal. The limit lies between the refused pace and the one that worked since the last
 * refusal; but a pace that the host has sustained for long will work again.
 */
export function slower({ everyMs, provenMs }: Pace, measured: Measured | null): Pace {
  const wellMs = Math.min(Math.max(measured?.everyMs ?? everyMs, FASTEST_MS), SLOWEST_MS);
  const isProven = measured !== null && measured.answers >= PROVING_ANSWERS;
  const proven = Math.min(provenMs * FORGOTTEN_EACH_TIME, isProven ? wellMs : Number.POSITIVE_INFINITY);
  if (everyMs === 0 && measured === null) return { ...UNPACED, provenMs: proven };
  const limitMs = Math.min(Math.sqrt(Math.max(everyMs, FASTEST_MS) * wellMs), proven);
  return {
    everyMs: Math.min(Math.max(limitMs, everyMs / OFF_LIMIT) * OFF_LIMIT, proven * OFF_LIMIT),
    limitMs,
    provenMs: proven,
  };
}

/** Returns the pace after a good answer. */
export function faster(pace: Pace): Pace {
  const { everyMs, limitMs } = pace;
  if (everyMs === 0) return pace;
  if (everyMs < FASTEST_MS) return { ...pace, everyMs: 0, limitMs: 0 };
  const isNear = everyMs <= limitMs * OFF_LIMIT && everyMs >= limitMs / OFF_LIMIT;
  return { ...pace, everyMs: everyMs * (isNear ? NEAR_STEP : FAR_STEP) };
}

/** How fast requests follow each other at a host that takes only so many a second. Times in ms. */
export interface Pace {
  /** From one request to the next; 0: as they come. */
  readonly everyMs: number;
  /** Where the host is thought to begin to refuse. */
  readonly limitMs: number;
  /** The shortest gap that it has kept up with for long. */
  readonly provenMs: number;
}

/** Good answers since the last refusal, and the time from one to the next, pause and burst included. */
export interface Measured {
  readonly answers: number;
  readonly everyMs: number;
}

export const UNPACED: Pace = { everyMs: 0, limitMs: 0, provenMs: Number.POSITIVE_INFINITY };

/** Six a minute; what is slower is the pause's work. */
const SLOWEST_MS = 10_000;
/** No timer keeps a faster one. */
const FASTEST_MS = 1;
/**
 * By limits of 5 to 60 requests a second, and with these three numbers, a crawl takes at most 1.3 times as long as it
 * must, and 6 requests in 100 are refused. Closer to the limit than a fifth more are, and farther from it all take longer.
 */
const OFF_LIMIT = 1.2;
/** What each good answer leaves of the gap, far from the limit: two seconds to half the gap at 12 a second. */
const FAR_STEP = 0.97;
/** And near it, where the next refusal costs a pause. */
const NEAR_STEP = 0.998;

/** Fewer may be a burst. */
const PROVING_ANSWERS = 8;
/** A limit may come down; a host that refuses now and then at any pace must not end at the slowest. */
const FORGOTTEN_EACH_TIME = 1.005;

/**
 * After a refusal. The limit lies somewhere between what was refused and what went well since the refusal before; yet
 * what the host has kept up with for long it will again.
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

/** After a good answer. */
export function faster(pace: Pace): Pace {
  const { everyMs, limitMs } = pace;
  if (everyMs === 0) return pace;
  if (everyMs < FASTEST_MS) return { ...pace, everyMs: 0, limitMs: 0 };
  const isNear = everyMs <= limitMs * OFF_LIMIT && everyMs >= limitMs / OFF_LIMIT;
  return { ...pace, everyMs: everyMs * (isNear ? NEAR_STEP : FAR_STEP) };
}

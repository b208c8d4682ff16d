import { setTimeout as delay } from 'node:timers/promises';
import type { RangeSource } from '../../domain/description/reading.js';
import type { Clock, Sleep } from '../../domain/ports/clock.js';

/** Slows readings down; all sources of one pace share it. */
export type Pace = (source: RangeSource, signal: AbortSignal) => RangeSource;

export const UNPACED: Pace = (source) => source;

/** What a pace measures and waits by. */
export interface Clocks {
  /** It is never set forward or back. */
  readonly steadyClock: Clock;
  readonly sleep: Sleep;
}

export const REAL_TIME: Clocks = {
  steadyClock: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/**
 * Lets so many bytes a second be read, on average from one read to the next; what was not used earlier is not saved up.
 */
export function createPace(bytesPerSecond: number, { steadyClock, sleep }: Clocks = REAL_TIME): Pace {
  let paidAt = Number.NEGATIVE_INFINITY;
  return (source, signal) => ({
    ...source,
    async read(from, end) {
      const waitMs = Math.ceil(paidAt - steadyClock());
      if (waitMs > 0) await sleep(waitMs, signal);
      const startsAt = Math.max(paidAt, steadyClock());
      const answer = await source.read(from, end);
      if (answer.kind === 'bytes') paidAt = startsAt + (answer.bytes.length * 1_000) / bytesPerSecond;
      return answer;
    },
  });
}

import type { Clock } from '../domain/ports.js';
import type { Sleep } from './sleep.js';
import { createWaitingLine } from './waiting-line.js';

/** Lets a limited number of requests through to a host at once, first come, first served. */
export interface Gate {
  /** Waits for a place. Rejects with the signal's reason when it is aborted. */
  enter(signal: AbortSignal): Promise<Leave>;
  /**
   * The host asks for quiet: lets nobody in for so many ms (a shorter pause doesn't end a longer one), and
   * afterwards half as many at once as before.
   */
  slowDown(ms: number): void;
}

/** Gives the place back, once; `isGood`: what it was for was done. */
export type Leave = (isGood: boolean) => void;

/**
 * So many good answers let one more request in at once. At a host that allows 60 requests a second, 800 listings of
 * two spaces met 22 refusals this way, 75 with a step of 8, and 203 without any slowing down, in the same time; a
 * step of 256 saved none of the 22.
 */
const GOOD_ANSWERS_FOR_ONE_MORE = 64;
/** However busy the host says it is, one at a time goes on: less would be the pause's work. */
const LEAST_AT_ONCE = 1;

/**
 * The queue is as long as the callers are many: the crawl bounds the collections in flight. By a wall clock that is
 * set back by a day a pause would last a day.
 */
export function createGate(options: { limit: number; steadyClock: Clock; sleep: Sleep }): Gate {
  const { limit, steadyClock, sleep } = options;
  const line = createWaitingLine();
  let inFlight = 0;
  let atOnce = limit;
  let goodAnswers = 0;
  let pausedUntil = 0;
  /** Rings at the end of the pause; aborted when nobody waits for that any more. */
  let alarm: AbortController | null = null;

  const isOpen = (now: number) => inFlight < atOnce && now >= pausedUntil;
  const advance = () => {
    // Read once: where it opened between two readings, nobody would be let in and no alarm be set.
    const now = steadyClock();
    while (isOpen(now) && line.admit()) inFlight++;
    const remainingMs = pausedUntil - now;
    if (line.length === 0) alarm?.abort();
    else if (remainingMs > 0 && alarm === null) setAlarm(remainingMs);
  };
  const setAlarm = (ms: number) => {
    alarm = new AbortController();
    const ring = () => {
      alarm = null;
      advance();
    };
    sleep(ms, alarm.signal).then(ring, ring);
  };
  const recover = () => {
    goodAnswers++;
    if (goodAnswers < GOOD_ANSWERS_FOR_ONE_MORE || atOnce === limit) return;
    goodAnswers = 0;
    atOnce++;
  };

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (line.length === 0 && isOpen(steadyClock())) inFlight++;
      else {
        const turn = line.wait(signal);
        advance();
        await turn.catch((reason: unknown) => {
          advance(); // nobody may be left to ring for
          throw reason;
        });
      }
      let hasLeft = false;
      return (isGood) => {
        if (hasLeft) return;
        hasLeft = true;
        inFlight--;
        if (isGood) recover();
        advance();
      };
    },
    slowDown(ms) {
      const now = steadyClock();
      // What was on its way when the host first said so says the same once more.
      if (now >= pausedUntil) {
        atOnce = Math.max(LEAST_AT_ONCE, Math.floor(atOnce / 2));
        goodAnswers = 0;
      }
      pausedUntil = Math.max(pausedUntil, now + ms);
    },
  };
}

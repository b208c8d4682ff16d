import type { Clock } from '../domain/ports.js';
import type { Sleep } from './sleep.js';

/** Lets a fixed number of requests through at once, first come, first served. */
export interface Gate {
  /** Waits for a place; the answer gives it back. Rejects with the signal's reason when it is aborted. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Lets nobody in for so many ms from now on; a shorter pause doesn't end a longer one. */
  pause(ms: number): void;
}

/** The queue is as long as the callers are many: the crawl bounds the collections in flight. */
export function createGate({ limit, clock, sleep }: { limit: number; clock: Clock; sleep: Sleep }): Gate {
  const waiting: (() => void)[] = [];
  let free = limit;
  let pausedUntil = 0;

  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  const place = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(admit), 1);
        reject(signal.reason);
      };
      waiting.push(admit);
      signal.addEventListener('abort', giveUp, { once: true });
    });

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await place(signal);
      let hasLeft = false;
      const leaveOnce = () => {
        if (!hasLeft) leave();
        hasLeft = true;
      };
      try {
        for (let now = clock(); now < pausedUntil; now = clock()) await sleep(pausedUntil - now, signal);
      } catch (error) {
        leaveOnce();
        throw error;
      }
      return leaveOnce;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock() + ms);
    },
  };
}

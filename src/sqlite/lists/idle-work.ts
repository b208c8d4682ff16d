import { setImmediate } from 'node:timers/promises';
import { OvadexError } from '../../domain/model/errors.js';

/** Work that nobody waits for, done between answers. */
export interface IdleWork {
  /**
   * Calls `step` once per turn of the event loop until it returns false. Dropped while other work goes on, or if the
   * last took so much time that its share isn't over.
   */
  offer(step: () => boolean): void;
}

/** Recurring work, such as preparing lists that change every second, takes no more than this share of the time. */
const SHARE = 1 / 20;

export function createIdleWork(now: () => number = () => performance.now()): IdleWork {
  let isWorking = false;
  let restsUntil = 0;

  const work = async (step: () => boolean) => {
    let busyMs = 0;
    for (let isMore = true; isMore; ) {
      await setImmediate();
      const startedAt = now();
      isMore = step();
      busyMs += now() - startedAt;
    }
    return busyMs;
  };

  return {
    offer(step) {
      if (isWorking || now() < restsUntil) return;
      isWorking = true;
      work(step)
        .then((busyMs) => {
          restsUntil = now() + busyMs * (1 / SHARE - 1);
        })
        .catch((error: unknown) => {
          // The next request meets the same trouble with the index, and reports it.
          if (!(error instanceof OvadexError)) throw error;
        })
        .finally(() => {
          isWorking = false;
        });
    },
  };
}

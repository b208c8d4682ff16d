import { setImmediate } from 'node:timers/promises';
import { OvadexError } from '../../domain/model/errors.js';

/** Work that nobody waits for, done between the answers. */
export interface IdleWork {
  /**
   * Calls `step` once a turn of the event loop until it says that there is no more to do. Dropped while other work
   * goes on, or the last took so much that its share of the time isn't over.
   */
  offer(step: () => boolean): void;
}

/** What comes again and again, as lists are prepared that change every second, takes no more than this of the time. */
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
          // Whoever asks next meets the same trouble with the index, and tells it.
          if (!(error instanceof OvadexError)) throw error;
        })
        .finally(() => {
          isWorking = false;
        });
    },
  };
}

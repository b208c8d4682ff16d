import type { Clock } from '../../domain/ports/clock.js';
import { type CronTimes, readCron } from './cron-times.js';

/** Rounds that run at the times of a cron expression. */
export interface Rounds {
  readonly times: CronTimes;
  /** Starts no further round; a running one goes on. */
  stop(): void;
}

/** The finest grain of a cron expression. */
const LOOK_EVERY_MS = 1_000;

/**
 * Starts `run`, which never rejects, at each of the times, unless the last one is still running. Missed times are not
 * made up for. The clock is read each second, instead of a timer until then: if the clock is set forward, a timer would
 * go through each second in between, and if it is set back, be silent until the clock is again where it was. `timeZone`
 * as in `readCron`.
 */
export function startRounds(
  schedule: string,
  run: () => Promise<void>,
  clock: Clock,
  timeZone: string | null = null,
): Rounds {
  const times = readCron(schedule, timeZone);
  let isRunning = false;
  let lastLook = clock();
  let dueAt = times.next(lastLook);
  const look = () => {
    const now = clock();
    const isDue = now >= dueAt;
    if (isDue || now < lastLook) dueAt = times.next(now);
    lastLook = now;
    if (!isDue || isRunning) return;
    isRunning = true;
    void run().finally(() => {
      isRunning = false;
    });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { times, stop: () => clearInterval(timer) };
}

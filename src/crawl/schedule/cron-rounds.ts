import type { Clock } from '../../domain/ports.js';
import { type CronTimes, readCron } from './cron-times.js';

/** What is done at the times of a cron expression. */
export interface Rounds {
  readonly times: CronTimes;
  /** Starts no more of them; what runs goes on. */
  stop(): void;
}

/** As fine as a cron expression is. */
const LOOK_EVERY_MS = 1_000;

/**
 * Starts `run`, which never rejects, at each of the times, unless the last one still runs. Times that were missed are not
 * made up for. A look each second, and no timer until then: when a clock was set forward, a timer would go through each
 * second between, and when it was set back be silent until the clock is again where it was. `timeZone` as in `readCron`.
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

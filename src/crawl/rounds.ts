import { createTask } from 'node-cron';
import type { Clock } from '../domain/ports.js';

/** What is done at the times of a cron expression. */
export interface Rounds {
  /** The next so many times, by this machine's clock. */
  next(count: number): readonly Date[];
  /** Starts no more of them; what runs goes on. */
  stop(): Promise<void>;
}

/** As fine as a cron expression is. */
const LOOK_EVERY_MS = 1_000;

/**
 * Starts `run`, which never rejects, at each of the times, unless the last one still runs. Times that were missed are not made up for.
 * node-cron tells the times alone: when a clock was set forth, its own timer would go through each second between,
 * a minute for some days, and when it was set back be silent until the clock is again where it was.
 */
export function startRounds(schedule: string, run: () => Promise<void>, clock: Clock): Rounds {
  const task = createTask(schedule, () => undefined);
  const next = () => task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY;
  let isRunning = false;
  let lastLook = clock();
  let dueAt = next();
  const look = () => {
    const now = clock();
    const isDue = now >= dueAt;
    if (isDue || now < lastLook) dueAt = next();
    lastLook = now;
    if (!isDue || isRunning) return;
    isRunning = true;
    void run().finally(() => {
      isRunning = false;
    });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    next: (count) => task.getNextRuns(count),
    async stop() {
      clearInterval(timer);
      await task.destroy();
    },
  };
}

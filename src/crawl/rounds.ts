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
/** No look comes so late on a machine that is merely busy; missed times are not made up for anyway. */
const LEAP_MS = 60_000;

/** Starts `run` at each of the times, unless the last one still runs. */
export function startRounds(schedule: string, run: () => Promise<void>, clock: Clock): Rounds {
  const task = createTask(schedule, run, { suppressMissedWarning: true, noOverlap: true });
  void task.start();
  let lastLook = clock();
  const timer = setInterval(() => {
    const now = clock();
    // A clock that was set: node-cron would be silent until it is again where it was, or go through each second between.
    if (now < lastLook || now - lastLook > LEAP_MS) void Promise.resolve(task.stop()).then(() => task.start());
    lastLook = now;
  }, LOOK_EVERY_MS);
  return {
    next: (count) => task.getNextRuns(count),
    async stop() {
      clearInterval(timer);
      await task.destroy();
    },
  };
}

import type { Clock, Sleep } from '../../src/domain/ports/clock.js';

/** Time that passes only while everybody sleeps. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Lets this much time pass, and whoever wakes up act. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until this holds, for a day at most. */
  until(isSo: () => boolean): Promise<void>;
}

export function createVirtualTime(): VirtualTime {
  let now = 0;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Wakes the next sleeper that is due by then; false if there is none. */
  const step = async (by: number): Promise<boolean> => {
    await settle();
    const next = sleepers.reduce<(typeof sleepers)[number] | null>(
      (first, each) => (first === null || each.at < first.at ? each : first),
      null,
    );
    if (next === null || next.at > by) return false;
    sleepers = sleepers.filter((each) => each !== next);
    now = Math.max(now, next.at);
    next.wake();
    return true;
  };
  return {
    clock: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const giveUp = () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          reject(signal.reason as Error);
        };
        const wake = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const sleeper = { at: now + ms, wake };
        sleepers.push(sleeper);
        signal.addEventListener('abort', giveUp);
      }),
    async pass(ms) {
      const end = now + ms;
      while (await step(end));
      now = end;
    },
    async until(isSo) {
      const end = now + 86_400_000;
      for (await settle(); !isSo(); await settle()) {
        if (!(await step(end))) throw new Error('nobody is left who could make it so');
      }
    },
  };
}

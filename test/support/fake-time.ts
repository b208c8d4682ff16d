import { vi } from 'vitest';

/** The real one, whatever is faked later. */
const { setImmediate: afterThisTurn } = globalThis;

const settle = () => new Promise<void>((resolve) => void afterThisTurn(resolve));

/**
 * Does what `vi.advanceTimersByTimeAsync` does: lets so many milliseconds of a faked clock pass, timer by timer, and lets
 * promises settle after each. That waits a millisecond of real time for every timer, this only for the event loop: an hour
 * of two timers a second takes a fraction of a second instead of eight seconds.
 */
export async function passFakeTime(ms: number): Promise<void> {
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, ms);
  await settle();
  while (!isOver) {
    vi.advanceTimersToNextTimer();
    await settle();
  }
  // Those that were set meanwhile for just this moment.
  await vi.advanceTimersByTimeAsync(0);
}

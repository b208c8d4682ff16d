import { setTimeout as delay } from 'node:timers/promises';

/** Waits so many ms; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleepInRealTime: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted(); // the timer's own error only wraps the reason
    throw error;
  }
};

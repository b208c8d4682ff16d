import { setTimeout as delay } from 'node:timers/promises';
import type { Sleep } from '../../domain/ports/clock.js';

export type { Sleep };

export const sleepInRealTime: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted(); // the timer's own error only wraps the reason
    throw error;
  }
};

import { describeReadingTurns } from '../contract/reading-turns.js';
import { createMemoryTurns } from './memory-turns.js';

describeReadingTurns('memory', async () => {
  const clock = { now: 1_000_000 };
  return { clock, turns: createMemoryTurns(() => clock.now), close: async () => undefined };
});

import { describeStorageOutages } from '../contract/storage-outages.js';
import { createMemoryOutages } from './memory-outages.js';

describeStorageOutages('memory', async () => {
  const clock = { now: 1_000_000 };
  return { clock, outages: createMemoryOutages(() => clock.now), close: async () => undefined };
});

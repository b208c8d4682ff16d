import { describeStoragePlaces } from '../contract/storage-places.js';
import { createMemoryPlaces } from './memory-places.js';

describeStoragePlaces('memory', async () => {
  const clock = { now: 1_800_000_000_000 };
  return { clock, places: createMemoryPlaces(() => clock.now), close: async () => undefined };
});

import { createLocalCounts } from '../../src/auth/local-counts.js';
import { describeLogInCounts } from '../contract/log-in-counts.js';

describeLogInCounts('memory, with SQLite', async () => {
  const clock = { now: 0 };
  const counts = createLocalCounts(() => clock.now);
  return { clock, hosts: [counts, counts, counts], close: async () => undefined };
});

import { defineConfig } from 'vitest/config';
import { longFirst } from './long-first.js';

/** These boot a systemd whose watchdog waits for seconds, or measure times and costs: nothing else may run meanwhile. */
const ALONE = [
  'test/interop/host/systemd.test.ts',
  'test/interop/postgres/freshness.test.ts',
  'test/interop/postgres/many-hosts.test.ts',
  'test/interop/postgres/many-kills.test.ts',
  'test/interop/storages/costs.test.ts',
  'test/interop/wire/rate-limit.test.ts',
];

/** Each takes more than half a minute. */
const LONG = [
  'test/browser/console-screens.browser.test.ts',
  'test/interop/host/first-list.test.ts',
  'test/interop/storages/incremental.test.ts',
  'test/interop/storages/truth.test.ts',
  'test/interop/storages/request-counts.test.ts',
  'test/interop/storages/tomcat.test.ts',
  'test/interop/storages/describe-trouble.test.ts',
  'test/interop/postgres/storage-outages.test.ts',
  'test/interop/postgres/contract.test.ts',
  'test/interop/postgres/many-limits.test.ts',
  'test/interop/storages/yaws.test.ts',
  'test/interop/storages/unmounted.test.ts',
  'test/interop/postgres/many-crawlers.test.ts',
  'test/interop/postgres/leading.test.ts',
  'test/interop/storages/unreadable.test.ts',
];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/support/no-secret-told.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // They are many, and half of the processor time of a short one is the start of the program. Daemons have processes here, too.
    env: { TEST_SYNCS_STAY: 'true' },
    sequence: { sequencer: longFirst(LONG) },
    // Names each test while it runs, and the reason of each that is skipped.
    reporters: ['verbose'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/interop/**/*.test.ts', 'test/browser/*.browser.test.ts'],
          exclude: ALONE,
          // More than the cores of a small machine: each has servers and ports of its own, and waits for the clock of a storage
          // or for leases four fifths of its time.
          maxWorkers: 7,
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** These boot a systemd, pack and install the program, or measure times and costs: nothing else may run meanwhile. */
const ALONE = [
  'test/interop/host/**/*.test.ts',
  'test/interop/postgres/freshness.test.ts',
  'test/interop/postgres/many-*.test.ts',
  'test/interop/storages/costs.test.ts',
  'test/interop/wire/rate-limit.test.ts',
];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/support/no-secret-told.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Names each test while it runs, and the reason of each that is skipped.
    reporters: ['verbose'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/interop/**/*.test.ts', 'test/browser/*.browser.test.ts'],
          exclude: ALONE,
          // Each has servers and ports of its own, and waits for the clock of a storage most of its time.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});

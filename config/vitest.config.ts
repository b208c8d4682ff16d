import { defineConfig } from 'vitest/config';
import { installedBinding, whyUnfit } from '../src/platform/sqlite-binding.js';

const unfit = whyUnfit(process.versions.node, installedBinding());
if (unfit !== null) throw new Error(unfit);

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/support/no-secret-told.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes in milliseconds; a busy machine may take longer.
    expect: { poll: { timeout: 10_000 } },
    // Processes rather than threads: umask, time zone and environment belong to a process.
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.e2e.test.ts', 'test/interop/**'],
          // They share the modules that are loaded, which takes longer than most of them.
          isolate: false,
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          exclude: ['test/interop/**'],
          // As above: a process of its own for each file would load them anew for each.
          isolate: false,
          // More than the cores of a small machine: most of their time they wait for others.
          maxWorkers: 6,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

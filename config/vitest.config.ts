import { defineConfig } from 'vitest/config';
import { installedBinding, whyUnfit } from '../src/platform/sqlite-binding.js';

const unfit = whyUnfit(process.versions.node, installedBinding());
if (unfit !== null) throw new Error(unfit);

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/no-secret-told.ts'],
    exclude: ['test/interop/**', 'node_modules/**'],
    testTimeout: 30_000,
    // What is waited for comes in milliseconds; a busy machine may take longer.
    expect: { poll: { timeout: 10_000 } },
    // Each file in its own process: native modules and real servers don't share state.
    pool: 'forks',
    // More than the cores of a small machine: the longest files wait for clocks most of the time.
    maxWorkers: 3,
  },
});

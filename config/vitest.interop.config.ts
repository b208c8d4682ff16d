import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/interop/**/*.test.ts'],
    setupFiles: ['test/support/no-secret-told.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Servers, crawler and tests share the cores: one file at a time.
    fileParallelism: false,
    // Names each test while it runs, and the reason of each that is skipped.
    reporters: ['verbose'],
  },
});

import { accessSync, constants } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { installedBinding, whyUnfit } from '../src/platform/sqlite-binding.js';
import { longFirst } from './long-first.js';

const unfit = whyUnfit(process.versions.node, installedBinding());
if (unfit !== null) throw new Error(unfit);

/** A folder in memory, if this machine has one that can be written. */
const MEMORY = '/dev/shm';
const isThorough = process.env['TEST_THOROUGHLY'] === 'true';

/**
 * Where tests have their files that start no program: an index that lives for a test waits for the disk longer than for
 * anything else. Tests that are to be thorough write where everybody does, and so do those of the built program.
 */
function temporaryFolder(): { TMPDIR?: string } {
  if (isThorough || process.env['TMPDIR'] !== undefined) return {};
  try {
    accessSync(MEMORY, constants.W_OK | constants.X_OK);
    return { TMPDIR: MEMORY };
  } catch {
    return {};
  }
}

/** They wait for clocks and limits, or are small files with long suites: Vitest would begin them last. */
const LONG = [
  'test/kills/kills.e2e.test.ts',
  'test/e2e/trouble/reload-trouble.e2e.test.ts',
  'test/e2e/trouble/faults.e2e.test.ts',
  'test/e2e/trouble/service-manager.e2e.test.ts',
  'test/e2e/trouble/webhook-kills.e2e.test.ts',
  'test/e2e/trouble/nextcloud-guesses.e2e.test.ts',
  'test/e2e/trouble/hanging-storage.e2e.test.ts',
  'test/crawl/request-counts.integration.test.ts',
  'test/webdav/load.integration.test.ts',
  'test/http/trouble/stalled-readers.integration.test.ts',
  'test/e2e/host/rotation.e2e.test.ts',
  'test/e2e/webhooks.e2e.test.ts',
  'test/e2e/app.e2e.test.ts',
  'test/postgres/contract/description-store.integration.test.ts',
  'test/postgres/contract/space-policies.integration.test.ts',
  'test/postgres/contract/forget-user.integration.test.ts',
  'test/postgres/contract/image-index.integration.test.ts',
];

/** Where failures are made for real, which takes long: kills, hangs, clocks, outages, full disks, signals, races. */
const TROUBLE = ['test/**/trouble/**/*.test.ts', 'test/kills/**/*.e2e.test.ts'];

/**
 * More workers than a small machine has cores, for tests that wait for programs, timeouts and each other's answers: four left
 * a sixth of two cores' time unused. A sixth worker saved nothing, since each loads much, PGlite above all.
 */
const WAITING = 5;

/** How tests run that start no program. */
const IN_PROCESS = {
  // They share the modules that are loaded, which takes longer than most of them.
  isolate: false,
  execArgv: [
    // A test leaves much behind that lives briefly: with 16 MB and helping threads, collecting it took a tenth of all time more.
    ...['--min-semi-space-size=32', '--max-semi-space-size=64', '--single-threaded-gc'],
    // Most code runs a few times: by default, to optimize it took longer than it saved, an eighth of all time. Newer
    // releases of Node refuse the option.
    ...(process.versions.node.startsWith('20.') ? ['--interrupt-budget=1000000'] : []),
  ],
  env: temporaryFolder(),
};

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    setupFiles: ['test/support/no-secret-told.ts'],
    // With all their random cases, on a busy machine, the longest take a minute.
    testTimeout: isThorough ? 180_000 : 30_000,
    hookTimeout: 60_000,
    // What is waited for comes in milliseconds; a busy machine may take longer.
    expect: { poll: { timeout: 10_000 } },
    // Processes rather than threads: umask, time zone and environment belong to a process.
    pool: 'forks',
    // What was made of a module is kept beside the packages: all else that is done before the first test takes about as long.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest' },
    sequence: { sequencer: longFirst(LONG) },
    projects: [
      {
        extends: true,
        test: {
          ...IN_PROCESS,
          name: 'unit',
          // Two or three took as long.
          maxWorkers: 4,
          // What they may not open is refused to them.
          setupFiles: ['test/support/logic-alone.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{integration,e2e,browser}.test.ts', 'test/interop/**', ...TROUBLE],
        },
      },
      {
        extends: true,
        test: {
          ...IN_PROCESS,
          name: 'integration',
          maxWorkers: WAITING,
          include: ['test/**/*.integration.test.ts'],
          exclude: ['test/interop/**', ...TROUBLE],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          exclude: ['test/interop/**', ...TROUBLE],
          // As above: a process of its own for each file would load them anew for each.
          isolate: false,
          // What a command leaves behind is collected some times less often: a twentieth of the processor time.
          execArgv: ['--max-semi-space-size=32', '--min-semi-space-size=16'],
          // Node runs what was built as it is.
          server: { deps: { external: [/\/dist\//] } },
          maxWorkers: WAITING,
          // As those of `integration`, which go on where the last of these wait.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'trouble',
          include: TROUBLE,
          exclude: ['test/interop/**'],
          isolate: false,
          server: { deps: { external: [/\/dist\//] } },
          maxWorkers: 6,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

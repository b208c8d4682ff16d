import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon } from '../kills/daemon.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { processorMsOf, residentBytesOf } from '../support/process/usage.js';
import { buildIndex } from './bulk-index.js';
import { benchCommands } from './commands.js';
import { limitVerdict } from './limit-verdict.js';
import { median, type Verdict } from './ratios.js';
import { megabytes, seconds } from './units.js';

export interface StartBenchOptions {
  readonly spaces: number;
  /** Of each space. */
  readonly images: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly restBytes: number;
}

/** From the start of the process to the first answer that it could give. */
const READY_LIMIT_MS = 1_000;
const REST_LIMIT_BYTES = 120e6;
/** The strict view: V8 gives back what only the start needed when nothing has happened for 8 to 24 s, some 20 MB more. */
const REST_AFTER_MS = 5_000;

/** How long `ovadex serve` takes from its start to ready with a large index, and what memory it holds at rest. */
export async function benchStart(options: StartBenchOptions): Promise<readonly Verdict[]> {
  const { spaces, images, rounds, onProgress } = options;
  const cleanup = createCleanup();
  try {
    const index = buildIndex({ spaces, images });
    cleanup.add(index.remove);
    onProgress(`start: an index of ${megabytes(index.sizeBytes)}, made in ${seconds(index.elapsedMs)}`);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const users = Array.from({ length: spaces }, (_, i) => ({ user: `user${i}` }));
    ovadex.configure({
      data: { directory: dirname(index.file) },
      storage: { url: 'http://dav.test/{user}/' },
      spaces: users,
    });
    const starts: Start[] = [];
    for (let n = 1; n <= rounds; n++) {
      starts.push(await measureStart(ovadex.argv('serve')));
      const { readyMs, restBytes } = starts[n - 1] as Start;
      onProgress(`start: round ${n} of ${rounds}: ${seconds(readyMs)}, ${megabytes(restBytes)} at rest`);
    }
    const what = `${spaces * images} images in ${spaces} spaces`;
    const cpu = seconds(median(starts.map(({ cpuMs }) => cpuMs)));
    const commands = await benchCommands({ rounds, onProgress });
    return [
      limitVerdict(
        'start, ready',
        `${seconds(READY_LIMIT_MS)} / from the start to ready with ${what}`,
        READY_LIMIT_MS,
        {
          values: starts.map(({ readyMs }) => readyMs),
          context: (value) => `ready after ${seconds(value)}, processor time of all threads ${cpu}`,
        },
      ),
      limitVerdict('start, memory', `${megabytes(REST_LIMIT_BYTES)} / memory at rest with ${what}`, REST_LIMIT_BYTES, {
        values: starts.map(({ restBytes }) => restBytes),
        context: (value) => `holds ${megabytes(value)}`,
      }),
      ...commands,
    ];
  } finally {
    await cleanup.run();
  }
}

async function measureStart(argv: readonly string[]): Promise<Start> {
  const startedAt = performance.now();
  const daemon = startDaemon(argv);
  try {
    if ((await daemon.ready()) === null) throw new Error(`the daemon did not come up: ${daemon.log()}`);
    const readyMs = performance.now() - startedAt;
    const cpuMs = processorMsOf(daemon.child.pid);
    await delay(REST_AFTER_MS);
    return { readyMs, cpuMs, restBytes: residentBytesOf(daemon.child.pid) };
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.exited;
  }
}

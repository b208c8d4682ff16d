import { setTimeout as delay } from 'node:timers/promises';
import { residentBytesOf } from '../../support/process/usage.js';
import type { LoggedProcess } from './logged-process.js';

/**
 * Loaded into the main thread of a node that runs with `--expose-gc`: at each SIGUSR2 it collects, and tells on standard
 * error what lives on its heap and beside it, in bytes. Plain JavaScript, since the built program loads it.
 */
const PROBE = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
let times = 0;
if (isMainThread) process.on('SIGUSR2', () => {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  writeSync(2, 'heap ' + ++times + ': ' + (heapUsed + external) + '\\n');
});
`)}`;

/** What node is given before the program. */
export const PROBED = ['--expose-gc', '--import', PROBE];

export interface Memory {
  /** Of the main thread, after a collection. */
  readonly heapBytes: number;
  /** Of the whole process, as the kernel counts it. */
  readonly residentBytes: number;
}

const LOOK_EVERY_MS = 20;

/** Asks a process that runs with `PROBED` what memory it takes. */
export async function memoryOf({ child, log }: LoggedProcess): Promise<Memory> {
  const before = lastOf(log());
  child.kill('SIGUSR2');
  let heap = lastOf(log());
  for (; heap.times === before.times; heap = lastOf(log())) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}: ${log()}`);
    await delay(LOOK_EVERY_MS);
  }
  return { heapBytes: heap.bytes, residentBytes: residentBytesOf(child.pid) };
}

function lastOf(log: string): { readonly times: number; readonly bytes: number } {
  const [, times = 0, bytes = 0] = [...log.matchAll(/^heap (\d+): (\d+)$/gm)].at(-1) ?? [];
  return { times: Number(times), bytes: Number(bytes) };
}

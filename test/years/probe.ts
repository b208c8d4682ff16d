/**
 * Loaded into each thread of a daemon that runs with `--expose-gc`: what lives on its heap after a collection, in bytes,
 * on standard error every two seconds. Plain JavaScript, since the built program loads it.
 */
export const PROBE = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
setInterval(() => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  writeSync(2, 'heap of thread ' + threadId + ': ' + (heapUsed + external) + '\\n');
}, 2000).unref();
`)}`;

/** The last that each thread has told, together; null before both have. */
export function heapBytes(output: string): number | null {
  const latest = new Map<string, number>();
  for (const [, thread = '', bytes] of output.matchAll(/^heap of thread (\d+): (\d+)$/gm)) {
    latest.set(thread, Number(bytes));
  }
  return latest.size < 2 ? null : [...latest.values()].reduce((sum, bytes) => sum + bytes, 0);
}

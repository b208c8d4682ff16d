import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long this thread works at something, in ms, at most: the clock also counts what other programs took the
 * processor away for, the processor time what helper threads did meanwhile, so it is the lesser of both. On a
 * busy machine the clock alone tells little else in a high percentile.
 */
export async function processorMs(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.min(performance.now() - startedAt, (user + system) / 1000);
}

/**
 * A clock of the processor time of a process, in ms since it was made, that tells nanoseconds apart: the first field of
 * each thread's schedstat. What a thread took that has ended since is not in it; servers here keep theirs.
 */
export function processorClockOf(pid: number | undefined): () => number {
  const read = () => {
    let sum = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    }
    return sum / 1e6;
  };
  const startedAt = read();
  return () => read() - startedAt;
}

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the processor time of a process in these (sysconf _SC_CLK_TCK). */
const TICK_MS = 10;

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
 * The processor time of all threads of a process so far, in ms: user and system time, fields 14 and 15 of proc_pid_stat(5);
 * the second field may hold spaces and ends with a bracket.
 */
export function processorMsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
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

import { readFileSync } from 'node:fs';

/** Linux counts the processor time of a process in these, of which it has a hundred a second for every program. */
const TICK_MS = 10;

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

/** The resident memory of a process in bytes, as the kernel counts it. */
export function residentBytesOf(pid: number | undefined): number {
  const [, found] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (found === undefined) throw new Error('/proc does not say how much memory a process holds');
  return Number(found) * 1024;
}

import { readFileSync } from 'node:fs';

/** The kernel's unit of the times in `/proc/PID/stat`. */
const TICK_MS = 10;
/** Fields of `/proc/PID/stat` behind the name, which may have spaces (proc(5)): its own times and those of ended children. */
const FIELDS = { parent: 1, own: [11, 12], ended: [13, 14] } as const;

/** What a process has cost. */
export interface ProcessTime {
  readonly parent: number;
  /** Of all of its threads, those that have ended included, in ms. */
  readonly ownMs: number;
  /** Of its children that have ended. */
  readonly endedMs: number;
}

/** Reads the processor time of a process, in steps of 10 ms; null: it has ended. */
export function timeOf(pid: number | string | undefined): ProcessTime | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const sum = (places: readonly number[]) =>
      places.reduce((ticks, place) => ticks + (fields[place] ?? 0), 0) * TICK_MS;
    return { parent: fields[FIELDS.parent] ?? 0, ownMs: sum(FIELDS.own), endedMs: sum(FIELDS.ended) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

/** The processor time of a running process, in ms. */
export function ownMs(pid: number | undefined): number {
  const time = timeOf(pid);
  if (time === null) throw new Error(`process ${pid} has ended`);
  return time.ownMs;
}

import { existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** A file that should have been removed but could not be, with the system's reason. */
export interface Left {
  readonly file: string;
  readonly why: string;
}

export interface Rotated {
  readonly removed: readonly string[];
  readonly left: readonly Left[];
  /** Files named after a time at which they can't have been made: they don't count as copies, and stay. */
  readonly uncounted: readonly string[];
}

/** Returns an unused name for a copy in a folder of copies. */
export function nameByTime(folder: string, now: number): string {
  // Two may fall in the same millisecond if the clock was set back.
  for (let at = now; ; at++) {
    const name = path.join(folder, `ovadex-${new Date(at).toISOString().replace(/[-:.]/g, '')}.db`);
    if (!existsSync(name)) return name;
  }
}

/**
 * Keeps the newest `keep` copies in a folder, and every file that has another name or is not a copy; returns what
 * became of the others. `made` counts as the newest, even if the clock was set back. Throws nothing: `made` exists,
 * whatever else goes wrong.
 */
export function rotate(folder: string, keep: number, made: string): Rotated {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => NAME.test(name));
  } catch (error) {
    return { removed: [], left: [{ file: folder, why: reasonOf(error) }], uncounted: [] };
  }
  const copies = names.map((name) => path.join(folder, name)).filter(isCopy);
  const { old, uncounted } = sortOut(copies, keep, made);
  return { ...removeAll(old), uncounted };
}

/**
 * Finds, among names that contain their times, those to be removed, the newest first, and those not to be counted;
 * `made` counts as the newest.
 */
export function sortOut(
  names: readonly string[],
  keep: number,
  made: string,
): { readonly old: readonly string[]; readonly uncounted: readonly string[] } {
  const latest = (timeIn(made) ?? Number.POSITIVE_INFINITY) + CLOCK_CORRECTION_MS;
  const isPossible = (name: string) => (timeIn(name) ?? Number.POSITIVE_INFINITY) <= latest;
  const others = names
    .filter((name) => name !== made)
    .sort()
    .reverse();
  return {
    old: others.filter(isPossible).slice(Math.max(0, keep - 1)),
    uncounted: others.filter((name) => !isPossible(name)),
  };
}

/** Whether this is a file with something in it, not a folder, pipe or link that was given such a name. */
export function isCopy(file: string): boolean {
  try {
    const found = lstatSync(file);
    return found.isFile() && found.size > 0;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/** Removes as many of the files as possible. */
export function removeAll(files: readonly string[]): Pick<Rotated, 'removed' | 'left'> {
  const removed: string[] = [];
  const left: Left[] = [];
  for (const file of files) {
    try {
      unlinkSync(file);
      removed.push(file);
    } catch (error) {
      if (!isGone(error)) left.push({ file, why: reasonOf(error) });
    }
  }
  return { removed, left };
}

/** How far clocks are corrected, or differ between the machines that share a folder. */
const CLOCK_CORRECTION_MS = 5 * 60_000;

/** The names of copies, which sort as their times do. */
const NAME = /^ovadex-\d{8}T\d{9}Z\.db$/;

/** Returns the time in a copy's name; null if it has none, or an impossible one. */
export function timeIn(name: string): number | null {
  const [, digits = '', ...parts] = /((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z)/.exec(path.basename(name)) ?? [];
  const [year, month, day, hours, minutes, seconds, ms] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  // JavaScript takes 30 February for a day in March.
  const isOfCalendar = !Number.isNaN(time) && new Date(time).toISOString().replace(/[-:.]/g, '') === digits;
  return isOfCalendar ? time : null;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Returns the reason of a system error; rethrows others. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'syscall' in error) return error.message;
  throw error;
}

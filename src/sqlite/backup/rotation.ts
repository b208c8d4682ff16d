import { existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** What was to go and could not, with the system's reason. */
export interface Left {
  readonly file: string;
  readonly why: string;
}

export interface Rotated {
  readonly removed: readonly string[];
  readonly left: readonly Left[];
  /** Named after a time that can't be when they were made: they take the place of no other, and stay. */
  readonly uncounted: readonly string[];
}

/** A name for a copy in a folder of copies, which no file there has. */
export function nameByTime(folder: string, now: number): string {
  // Two at the same millisecond, by a clock that was set back.
  for (let at = now; ; at++) {
    const name = path.join(folder, `ovadex-${new Date(at).toISOString().replace(/[-:.]/g, '')}.db`);
    if (!existsSync(name)) return name;
  }
}

/**
 * Leaves the newest copies of a folder, as many as said, and whatever has another name or is no copy; answers what came of the
 * others. `made` is the newest, also where the clock was set back. Throws nothing: `made` is there, whatever else goes wrong.
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

/** Of names that tell their times those that are too many, the newest first, and those not to be counted; `made` is the newest. */
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

/** A file with something in it; no folder, pipe or link that somebody has given such a name. */
export function isCopy(file: string): boolean {
  try {
    const found = lstatSync(file);
    return found.isFile() && found.size > 0;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/** Removes as many of the files as can be. */
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

/** How far clocks are put right, or differ between the machines that share a folder. */
const CLOCK_CORRECTION_MS = 5 * 60_000;

/** In the order of their names they are in that of their times. */
const NAME = /^ovadex-\d{8}T\d{9}Z\.db$/;

/** The time in a copy's name; null where it has none, or one that no calendar has. */
function timeIn(name: string): number | null {
  const [, digits = '', ...parts] = /((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z)/.exec(path.basename(name)) ?? [];
  const [year, month, day, hours, minutes, seconds, ms] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  // A 30th of February is taken for a day in March.
  const isOfCalendar = !Number.isNaN(time) && new Date(time).toISOString().replace(/[-:.]/g, '') === digits;
  return isOfCalendar ? time : null;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Rethrows what is not of the system. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'syscall' in error) return error.message;
  throw error;
}

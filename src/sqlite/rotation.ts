import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** A name for a copy in a folder of copies, which no file there has. */
export function nameByTime(folder: string, now: number): string {
  // Two at the same millisecond, by a clock that was set back.
  for (let at = now; ; at++) {
    const name = path.join(folder, `ovadex-${new Date(at).toISOString().replace(/[-:.]/g, '')}.db`);
    if (!existsSync(name)) return name;
  }
}

/**
 * Leaves the newest copies of a folder, as many as said, and whatever has another name; answers those that went. `made` is the
 * newest, also where the clock was set back.
 */
export function rotate(folder: string, keep: number, made: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => NAME.test(name));
  const old = beyond(names, keep, path.basename(made)).map((name) => path.join(folder, name));
  for (const file of old) rmSync(file, { force: true });
  return old;
}

/** Of names that are in the order of their times those that are too many; `made` is the newest, whatever its time. */
export function beyond(names: readonly string[], keep: number, made: string): readonly string[] {
  const others = names
    .filter((name) => name !== made)
    .sort()
    .reverse();
  return others.slice(Math.max(0, keep - 1));
}

/** In the order of their names they are in that of their times. */
const NAME = /^ovadex-\d{8}T\d{9}Z\.db$/;

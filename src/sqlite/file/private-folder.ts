import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';

/** How a name begins that ends in random characters, so that nobody can have put a link there before. */
const PREFIX = 'ovadex-unfinished-';
/** No copy takes as long; an older one is from a process that was killed. */
export const LEFT_BEHIND_MS = 24 * 60 * 60 * 1000;

/** A folder for something that gets its final place once it is complete. */
export interface PrivateFolder {
  readonly path: string;
  /** Throws OvadexError `index` if the folder, or this file in it, isn't what was created here. */
  requireOwn(file: string): void;
}

/**
 * Runs `work` with a new folder in `directory` that only this account can read, and finally removes it. Everybody who
 * may write to `directory` can put another in its place, so what is taken out of it is checked first.
 */
export function inPrivateFolder<T>(directory: string, work: (folder: PrivateFolder) => T): T {
  const folder = mkdtempSync(path.join(directory, PREFIX));
  const made = lstatSync(folder);
  const isStill = () => {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    return found !== undefined && found.ino === made.ino && found.dev === made.dev;
  };
  try {
    return work({
      path: folder,
      requireOwn(file) {
        const found = lstatSync(path.join(folder, file), { throwIfNoEntry: false });
        if (isStill() && found?.isFile() === true && found.uid === made.uid) return;
        throw new OvadexError(
          'index',
          `${directory}: somebody else is changing what is written there; use another folder`,
        );
      },
    });
  } finally {
    if (isStill()) rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what killed processes of this account left in a folder more than `olderThanMs` ago. */
export function removeLeftBehind(directory: string, olderThanMs: number, now: number = Date.now()): void {
  const own = process.geteuid?.();
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(directory, name);
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true || found.uid !== own || now - found.mtimeMs < olderThanMs) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

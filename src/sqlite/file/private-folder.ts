import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';

/** The beginning of a name that ends by chance: nobody can have put a link there before. */
const PREFIX = 'ovadex-unfinished-';
/** No copy takes as long; what is older is of a process that was killed. */
export const LEFT_BEHIND_MS = 24 * 60 * 60 * 1000;

/** Where something is made that gets its place when it is whole. */
export interface PrivateFolder {
  readonly path: string;
  /** Throws OvadexError `index` where the folder, or this file in it, isn't what was made here. */
  requireOwn(file: string): void;
}

/**
 * Runs `work` with a new folder in `directory` that nobody but this account can look into, and removes it in the end. Whoever
 * may write to `directory` can put another in its place, so what is taken out of it is looked at first.
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
        throw new OvadexError('index', `${directory}: somebody else changes what is written there; use another folder`);
      },
    });
  } finally {
    if (isStill()) rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what killed processes of this account have left in a folder for longer than `olderThanMs`. */
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

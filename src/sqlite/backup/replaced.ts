import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { copyOpenDatabase } from './copy.js';
import { isCopy, type Left, removeAll, sortOut } from './rotation.js';

/** Marks the name of a file that was replaced; the time follows. */
const REPLACED = '.replaced-';

/** Returns an unused name for the index `file` when it is replaced. */
export function replacedName(file: string, now: number): string {
  // Two may fall in the same millisecond if the clock was set back.
  for (let at = now; ; at++) {
    const name = `${file}${REPLACED}${new Date(at).toISOString().replace(/[-:.]/g, '')}`;
    if (!existsSync(name)) return name;
  }
}

/** Lists the indexes that were replaced. */
export function listReplaced(file: string): readonly string[] {
  const directory = path.dirname(file);
  const form = /^\.replaced-\d{8}T\d{9}Z$/;
  return readdirSync(directory)
    .filter((name) => name.startsWith(path.basename(file)) && form.test(name.slice(path.basename(file).length)))
    .map((name) => path.join(directory, name));
}

/**
 * Keeps the newest ones, as many as of copies from before migrations, and the one just made; returns those that can't
 * be removed.
 */
export function pruneReplaced(file: string, keep: number, made: string): readonly Left[] {
  const { old } = sortOut(listReplaced(file).filter(isCopy), keep, made);
  return removeAll(old.flatMap((replaced) => ['', '-wal', '-shm', '-journal'].map((suffix) => replaced + suffix))).left;
}

/**
 * Copies an open index whose name now leads elsewhere, and moves its log out of the way, which SQLite would otherwise
 * apply to whatever has that name. Returns the copy's path. Throws as `copyDatabase` does; the log is out of the way
 * then, too.
 */
export function keepDisplaced(db: Database, isLogLeft: boolean, now: number): string {
  const kept = replacedName(db.name, now);
  try {
    copyOpenDatabase(db, kept);
  } finally {
    if (isLogLeft && existsSync(`${db.name}-wal`)) {
      // The copy contains everything that is in it; without a copy, the log may be of use to somebody.
      if (existsSync(kept)) rmSync(`${db.name}-wal`);
      else renameSync(`${db.name}-wal`, `${db.name}.orphaned-wal`);
      rmSync(`${db.name}-shm`, { force: true });
    }
  }
  return kept;
}

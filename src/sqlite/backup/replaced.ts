import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { copyOpenDatabase } from './copy.js';
import { isCopy, type Left, removeAll, sortOut } from './rotation.js';

/** What something else has taken the place of keeps its name with this and the time behind it. */
const REPLACED = '.replaced-';

/** A name for the index `file` when it is replaced, which no file has. */
export function replacedName(file: string, now: number): string {
  // Two at the same millisecond, by a clock that was set back.
  for (let at = now; ; at++) {
    const name = `${file}${REPLACED}${new Date(at).toISOString().replace(/[-:.]/g, '')}`;
    if (!existsSync(name)) return name;
  }
}

/** Indexes that were replaced. */
export function listReplaced(file: string): readonly string[] {
  const directory = path.dirname(file);
  const form = /^\.replaced-\d{8}T\d{9}Z$/;
  return readdirSync(directory)
    .filter((name) => name.startsWith(path.basename(file)) && form.test(name.slice(path.basename(file).length)))
    .map((name) => path.join(directory, name));
}

/** Leaves the newest ones, as many as of copies from before migrations, and the one made now; answers what can't be removed. */
export function pruneReplaced(file: string, keep: number, made: string): readonly Left[] {
  const { old } = sortOut(listReplaced(file).filter(isCopy), keep, made);
  return removeAll(old.flatMap((replaced) => ['', '-wal', '-shm', '-journal'].map((suffix) => replaced + suffix))).left;
}

/**
 * Keeps what an open index holds whose name leads elsewhere by now, and takes its log out of the way, which SQLite would put into
 * whatever has that name. Answers the copy's path. Throws as `copyDatabase` does; the log is out of the way then, too.
 */
export function keepDisplaced(db: Database, isLogLeft: boolean, now: number): string {
  const kept = replacedName(db.name, now);
  try {
    copyOpenDatabase(db, kept);
  } finally {
    if (isLogLeft && existsSync(`${db.name}-wal`)) {
      // The copy has all that is in it; where there is none, the log may be of use to somebody.
      if (existsSync(kept)) rmSync(`${db.name}-wal`);
      else renameSync(`${db.name}-wal`, `${db.name}.orphaned-wal`);
      rmSync(`${db.name}-shm`, { force: true });
    }
  }
  return kept;
}

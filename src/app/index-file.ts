import { accessSync, constants, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';
import type { Clock } from '../domain/ports/clock.js';
import { copyDatabase, copyInspected } from '../sqlite/backup/copy.js';
import { pruneReplaced } from '../sqlite/backup/replaced.js';
import { type Restored, restoreDatabase, takeAlone } from '../sqlite/backup/restore.js';
import { type Left, nameByTime, type Rotated, rotate } from '../sqlite/backup/rotation.js';
import { strangersOfCopy } from '../sqlite/backup/trust.js';
import { type CheckedIndex, type CheckName, checkIndex } from '../sqlite/check/check.js';
import { openDatabase } from '../sqlite/file/database.js';
import { lockDirectory } from '../sqlite/file/directory-lock.js';
import { inPrivateFolder } from '../sqlite/file/private-folder.js';
import { type Migrated, type MigrateOptions, migrate, pendingMigrations } from '../sqlite/schema/migrate.js';
import { requireBackupTarget } from './backup-target.js';
import { isMissing, makeDataDirectory } from './engines/data-directory.js';
import type { IndexPlace } from './engines/index-ports.js';
import { backupsOf, fileOf, sqliteMigrations } from './engines/sqlite-index.js';

export type { CheckedIndex, CheckName } from '../sqlite/check/check.js';
export type { Migrated } from '../sqlite/schema/migrate.js';

/** A new backup, and what became of older copies in the same folder. */
export interface BackedUp extends CheckedIndex, Rotated {
  readonly sizeBytes: number;
  /** Who else may change the copy, in words; null if nobody. */
  readonly strangers: string | null;
}

export interface RestoredIndex extends Restored {
  readonly restored: CheckedIndex;
  /** Older indexes beside it that could not be removed. */
  readonly left: readonly Left[];
  /** Who else may have changed the copy, in words; null if nobody. */
  readonly strangers: string | null;
}

/** Operations on the index as a file. Each throws OvadexError `not-found` if there is none. */
export interface IndexFile {
  readonly file: string;
  /**
   * Copies the index, even while a daemon runs; the copy is complete and checked, or absent. Overwrites nothing. In a
   * folder the copy is named after the time, and the newest `keep` of such copies are kept. Also throws the errors of
   * `requireBackupTarget`.
   */
  backup(target: string, keep?: number): BackedUp;
  /** Checks the index, or another file. */
  check(file?: string): CheckedIndex;
  /** Puts a backup in place of the index, which nobody may have open. Throws OvadexError `damaged` if the backup is. */
  restore(source: string): RestoredIndex;
  migrate(): Migrated;
  /** Migrates a copy, which is checked and then removed. */
  rehearse(): Migrated & Pick<CheckedIndex, 'findings'>;
}

export function createIndexFile(
  place: IndexPlace,
  { clock = Date.now, onCheck }: { readonly clock?: Clock; readonly onCheck?: (check: CheckName) => void } = {},
): IndexFile {
  const file = fileOf(place);
  const check = (which: string) => checkIndex(which, sqliteMigrations(), onCheck);
  const checkNew = (copy: string) => {
    const checked = check(copy);
    requireSound(checked, `${file}: the index is damaged, so there is no backup of it`);
    return checked;
  };
  const requireIndex = () => {
    if (isMissing(file)) throw new OvadexError('not-found', `${file}: there is no index yet`);
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new OvadexError('index', `${file}: the index can't be opened: ${error.message}`, { cause: error });
    }
  };
  /** Does the work while no daemon can start. */
  const alone = <T>(work: () => T): T => {
    const lock = lockDirectory(place.data.directory);
    try {
      return work();
    } finally {
      lock.release();
    }
  };
  return {
    file,
    backup(target, keep) {
      requireIndex();
      const { path, isFolder } = requireBackupTarget(target, file);
      if (!isFolder && keep !== undefined) {
        throw new OvadexError(
          'usage',
          `--keep: ${target} is not a folder; copies are rotated only in an existing folder`,
        );
      }
      const copy = isFolder ? nameByTime(path, clock()) : path;
      const checked = copyInspected(file, copy, checkNew);
      const made = { ...checked, file: copy, sizeBytes: statSync(copy).size, strangers: strangersOfCopy(copy) };
      // From here on the copy stays, even if older ones can't be removed.
      return { ...made, ...(isFolder && keep !== undefined ? rotate(path, keep, copy) : NOTHING_OLD) };
    },
    check(other) {
      if (other === undefined) requireIndex();
      return check(other === undefined ? file : resolve(other));
    },
    restore(source) {
      const backup = resolve(source);
      if (backup === resolve(file)) throw new OvadexError('usage', `${source}: that is the index itself`);
      const restored = check(backup);
      requireSound(restored, `${source}: this backup is damaged, the index stays as it is`);
      makeDataDirectory(place.data.directory);
      return alone(() => {
        const strangers = strangersOfCopy(backup);
        const done = restoreDatabase(backup, file, clock());
        const left = done.replaced === null ? [] : pruneReplaced(file, backupsOf(place).keep, done.replaced);
        return { ...done, restored, left, strangers };
      });
    },
    migrate() {
      requireIndex();
      const apply = () => {
        const db = openDatabase(file, { replicated: place.data.replicated ?? false });
        return migrateAndClose(db, { clock, backups: backupsOf(place) });
      };
      if (pendingIn(file) === 0) return apply();
      return alone(() => {
        takeAlone(file).db.close();
        return apply();
      });
    },
    rehearse() {
      requireIndex();
      return inPrivateFolder(dirname(file), ({ path }) => {
        const copy = join(path, basename(file));
        copyDatabase(file, copy);
        const migrated = migrateAndClose(openDatabase(copy), { clock, backups: null });
        return { ...migrated, findings: check(copy).findings };
      });
    },
  };
}

const NOTHING_OLD: Rotated = { removed: [], left: [], uncounted: [] };

function migrateAndClose(db: ReturnType<typeof openDatabase>, options: MigrateOptions): Migrated {
  try {
    return migrate(db, sqliteMigrations(), options);
  } finally {
    db.close();
  }
}

function pendingIn(file: string): number {
  const db = openDatabase(file, { readonly: true });
  try {
    return pendingMigrations(db, sqliteMigrations());
  } finally {
    db.close();
  }
}

function requireSound({ findings }: CheckedIndex, what: string): void {
  const [first] = findings;
  if (first === undefined) return;
  const others = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  throw new OvadexError('damaged', `${what}: ${first.check}: ${first.detail}${others}`);
}

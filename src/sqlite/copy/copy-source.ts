import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';
import type { CopySource } from '../../domain/ports/index-copy.js';
import { openDatabase } from '../file/database.js';
import { type DirectoryLock, lockDirectory } from '../file/directory-lock.js';
import { attempt } from '../file/run-query.js';
import { pendingMigrations } from '../schema/migrate.js';
import { createCopiedRows } from './copied-rows.js';

/**
 * Opens an index to copy it. If no daemon has it, nobody can write to it, nor start a daemon, until it is closed; readers
 * can read. Else it is copied as of one moment, while the daemon goes on. Throws OvadexError `index` if it can't be used or
 * its schema isn't up to date.
 */
export function openCopySource(
  file: string,
  options: { readonly migrations: readonly Migration[]; readonly replicated: boolean },
): CopySource {
  const db = openDatabase(file, { replicated: options.replicated });
  let lock: DirectoryLock | null = null;
  try {
    if (pendingMigrations(db, options.migrations) > 0) {
      throw new OvadexError('index', `${file}: the index is of an older version; run "ovadex db migrate" first`);
    }
    lock = lockIfFree(dirname(file));
    if (lock !== null) db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock?.release();
    db.close();
    throw error;
  }
  const rows = createCopiedRows(db);
  return {
    name: file,
    atOneMoment: (work) => (lock === null ? within(db, () => work(rows)) : work(rows)),
    isInUse: async () => lock === null,
    async close() {
      db.close();
      lock?.release();
    },
  };
}

async function within<T>(db: Database, work: () => Promise<T>): Promise<T> {
  await attempt(() => db.exec('BEGIN'));
  try {
    return await work();
  } finally {
    db.exec('ROLLBACK');
  }
}

function lockIfFree(directory: string): DirectoryLock | null {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof OvadexError && error.code === 'conflict') return null;
    throw error;
  }
}

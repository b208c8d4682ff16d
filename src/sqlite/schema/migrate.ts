import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import { type Backups, KEEP_BACKUPS, pruneBackups, setAside } from '../backup/backups.js';
import { APPLICATION_ID, isSystemError } from '../file/database.js';
import { indexError } from '../file/run-query.js';
import { checkHistory, type Migration, readMigrations } from './migrations.js';

export interface MigrateOptions {
  readonly clock?: Clock;
  /** Where to store a copy of an older index first: by default beside it, in `backups`; null for an index that is a copy. */
  readonly backups?: Backups | null;
}

/** Returns how many of the migrations the index doesn't have yet. Throws as `migrate` does. */
export function pendingMigrations(db: Database.Database, directory: URL | string): number {
  const migrations = readMigrations(directory);
  return migrations.length - checkHistory(db, migrations);
}

/** What happened to a schema. */
export interface Migrated {
  /** The version before; 0 for an index that was just created. */
  readonly from: number;
  readonly to: number;
  readonly applied: readonly { readonly name: string; readonly elapsedMs: number }[];
  /** The copy of the index as it was; null if nothing had to be changed, or there was nothing. */
  readonly copy: string | null;
}

/**
 * Brings the schema up to date: each file of `directory` in its own transaction, in the order of their numbers, after
 * copying an older index. A read-only connection only checks. Throws OvadexError `foreign` if the schema is newer than
 * the files, `index` if an applied file has changed since, or the copy or a file can't be written.
 */
export function migrate(db: Database.Database, directory: URL | string, options: MigrateOptions = {}): Migrated {
  const migrations = readMigrations(directory);
  try {
    return db.readonly ? requireCurrent(db, migrations) : applyMissing(db, migrations, options);
  } catch (error) {
    const what = `${db.name}: the schema can't be brought up to date`;
    if (error instanceof Database.SqliteError) throw indexError(error, what);
    if (!isSystemError(error)) throw error;
    throw new OvadexError('index', `${what}: ${error.message}`, { cause: error });
  }
}

function requireCurrent(db: Database.Database, migrations: readonly Migration[]): Migrated {
  const version = checkHistory(db, migrations);
  if (version === migrations.length) return { from: version, to: version, applied: [], copy: null };
  throw new OvadexError(
    'index',
    `${db.name}: the index has schema ${version}, this program needs ${migrations.length}; "ovadex db migrate", or a start of the daemon, brings it up to date`,
  );
}

function applyMissing(
  db: Database.Database,
  migrations: readonly Migration[],
  {
    clock = Date.now,
    backups = { directory: path.join(path.dirname(db.name), 'backups'), keep: KEEP_BACKUPS },
  }: MigrateOptions,
): Migrated {
  const from = checkHistory(db, migrations);
  const applied: { name: string; elapsedMs: number }[] = [];
  let copy: string | null = null;
  // The write lock is taken before the decision: of two processes that start together, one waits and finds it done.
  const step = db.transaction((migration: Migration): void => {
    const version = checkHistory(db, migrations);
    if (version >= migration.number) return;
    // Over a connection of its own, while this transaction holds the write lock: the copy is of just this moment.
    if (backups !== null && version > 0 && version === from) copy = setAside(db.name, version, backups, clock());
    const startedAt = performance.now();
    db.exec(migration.sql);
    db.prepare('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      migration.checksum,
      clock(),
    );
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migration.number}`);
    applied.push({ name: migration.name, elapsedMs: performance.now() - startedAt });
  });
  const applyAll = () => {
    for (const migration of migrations) step.immediate(migration);
  };
  // A new index appears as a whole: nobody then takes its first steps for an older one that needs a copy.
  if (from === 0) db.transaction(applyAll).immediate();
  else applyAll();
  const to = checkHistory(db, migrations);
  if (backups !== null && copy !== null) pruneBackups(backups, copy);
  return { from, to, applied, copy };
}

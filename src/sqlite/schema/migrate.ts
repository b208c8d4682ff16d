import path from 'node:path';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';
import type { Clock } from '../../domain/ports/clock.js';
import { type Backups, KEEP_BACKUPS, pruneBackups, setAside } from '../backup/backups.js';
import { APPLICATION_ID, isSystemError } from '../file/database.js';
import { indexError } from '../file/run-query.js';
import { checkHistory } from './migration-history.js';

export interface MigrateOptions {
  readonly clock?: Clock;
  /** Where to store a copy of an older index first: by default beside it, in `backups`; null for an index that is a copy. */
  readonly backups?: Backups | null;
}

/** Returns how many of the migrations the index doesn't have yet. Throws as `migrate` does. */
export function pendingMigrations(db: Database.Database, migrations: readonly Migration[]): number {
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
 * Brings the schema up to date: the migrations in the order of their numbers, all of them or none, after
 * copying an older index. A read-only connection only checks. Throws OvadexError `foreign` if the schema is newer than
 * the files, `index` if an applied file has changed since, or the copy or a file can't be written.
 */
export function migrate(
  db: Database.Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Migrated {
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
  // One transaction for all of them: an upgrade that is broken off leaves the index of the program before, which that
  // program can still open. Its write lock is taken before the decision: of two processes that start together, one waits
  // and finds it done.
  const apply = db.transaction((): Migrated => {
    const from = checkHistory(db, migrations);
    const missing = migrations.slice(from);
    if (missing.length === 0) return { from, to: from, applied: [], copy: null };
    // Over a connection of its own, while this transaction holds the write lock: the copy is of just this moment.
    const copy = backups === null || from === 0 ? null : setAside(db.name, from, backups, clock());
    const applied = missing.map((migration) => {
      const startedAt = performance.now();
      db.exec(migration.sql);
      db.prepare('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
        migration.number,
        migration.name,
        migration.checksum,
        clock(),
      );
      return { name: migration.name, elapsedMs: performance.now() - startedAt };
    });
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
    return { from, to: checkHistory(db, migrations), applied, copy };
  });
  const done = apply.immediate();
  if (backups !== null && done.copy !== null) pruneBackups(backups, done.copy);
  return done;
}

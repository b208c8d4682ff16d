import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { OvadexError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import { APPLICATION_ID } from './database.js';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, line ends as in the repository. */
  readonly checksum: string;
}

/**
 * Brings the schema up to date: each file of `directory` in its own transaction,
 * in the order of their numbers, with a copy of an older index set aside before.
 * A read-only connection only checks. Throws OvadexError `index` when the schema is
 * newer than the files, an applied file has changed since, or a file can't be applied.
 */
export function migrate(db: Database.Database, directory: URL | string, clock: Clock = Date.now): void {
  const migrations = readMigrations(directory);
  try {
    if (db.readonly) requireCurrent(db, migrations);
    else applyMissing(db, migrations, clock);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const reason = `${error.message} (${error.code})`;
    throw new OvadexError('index', `${db.name}: the schema can't be brought up to date: ${reason}`, { cause: error });
  }
}

function requireCurrent(db: Database.Database, migrations: readonly Migration[]): void {
  const version = checkHistory(db, migrations);
  if (version === migrations.length) return;
  throw new OvadexError(
    'index',
    `${db.name}: the index has schema ${version}, this program needs ${migrations.length}; start the daemon or a sync first, which bring it up to date`,
  );
}

function applyMissing(db: Database.Database, migrations: readonly Migration[], clock: Clock): void {
  const versionBefore = checkHistory(db, migrations);
  // The write lock is taken before the decision: of two processes that start together, one waits and finds it done.
  const step = db.transaction((migration: Migration): void => {
    const version = checkHistory(db, migrations);
    if (version >= migration.number) return;
    if (version > 0 && version === versionBefore) copyAside(db, version);
    db.exec(migration.sql);
    db.prepare('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      migration.checksum,
      clock(),
    );
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migration.number}`);
  });
  const applyAll = () => {
    for (const migration of migrations) step.immediate(migration);
  };
  // A new index appears as a whole: nobody then takes its first steps for an older one that wants a copy.
  if (versionBefore === 0) db.transaction(applyAll).immediate();
  else applyAll();
  checkHistory(db, migrations);
}

function readMigrations(directory: URL | string): readonly Migration[] {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  if (names.length === 0) throw new OvadexError('index', `${folder}: there is no migration here, NNNN-name.sql`);
  return names.map((name, index) => {
    const number = index + 1;
    if (!name.startsWith(`${String(number).padStart(4, '0')}-`)) {
      throw new OvadexError('index', `${folder}: migration ${number} is missing; the file in its place is "${name}"`);
    }
    // A checkout on another system may have changed the line ends, which is no change of the migration.
    const sql = readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/** The schema's version, once it is certain that it came from exactly these migrations. */
function checkHistory(db: Database.Database, migrations: readonly Migration[]): number {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new OvadexError(
      'index',
      `${db.name}: the index was written by a newer ovadex (schema ${version}, this one knows ${migrations.length}); use that version, or the copy that it set aside`,
    );
  }
  if (version === 0) return 0;
  const applied = db
    .prepare<[], { number: number; name: string; checksum: string }>('SELECT number, name, checksum FROM migrations')
    .all();
  for (const migration of migrations.slice(0, version)) {
    const { checksum } = applied.find(({ number }) => number === migration.number) ?? {};
    if (checksum === migration.checksum) continue;
    throw new OvadexError(
      'index',
      `${db.name}: migration ${migration.name} differs from the one that made this index (SHA-256 ${migration.checksum}, applied was ${checksum ?? 'none'}); restore that file`,
    );
  }
  return version;
}

/**
 * Copies the index to `<file>.schema-<version>` by a connection of its own: the
 * calling transaction holds the write lock, so the copy is of just this moment.
 */
function copyAside(db: Database.Database, version: number): void {
  const target = `${db.name}.schema-${version}`;
  const unfinished = `${target}.unfinished`;
  // VACUUM INTO accepts an empty file, and one that exists keeps its mode.
  closeSync(openSync(unfinished, 'w', 0o600));
  const reader = new Database(db.name, { readonly: true });
  try {
    reader.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    reader.close();
  }
  const written = openSync(unfinished, 'r');
  fsyncSync(written);
  closeSync(written);
  renameSync(unfinished, target);
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';

/** One step of the schema, as read from its file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, with line ends as in the repository. */
  readonly checksum: string;
}

/** Reads all migrations of a folder in their order. Throws OvadexError `index` if one is missing. */
export function readMigrations(directory: URL | string): readonly Migration[] {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  if (names.length === 0) throw new OvadexError('index', `${folder}: there is no migration (NNNN-name.sql) here`);
  return names.map((name, index) => {
    const number = index + 1;
    if (!name.startsWith(`${String(number).padStart(4, '0')}-`)) {
      throw new OvadexError('index', `${folder}: migration ${number} is missing; the file in its place is "${name}"`);
    }
    // A checkout on another system may have changed the line ends, which does not change the migration.
    const sql = readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Returns the schema's version, once it is certain that it came from exactly these migrations. Throws OvadexError
 * `foreign` if a newer program wrote it, and `index` if an applied file has changed since.
 */
export function checkHistory(db: Database, migrations: readonly Migration[]): number {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new OvadexError(
      'foreign',
      `${db.name}: the index was written by a newer ovadex (schema ${version}, this one knows ${migrations.length}); use that version, or "ovadex db restore" with the copy that it stored in its backup folder`,
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
      `${db.name}: migration ${migration.name} differs from the one that created this index (SHA-256 ${migration.checksum}, applied was ${checksum ?? 'none'}); restore that file`,
    );
  }
  return version;
}

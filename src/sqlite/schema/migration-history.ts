import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';

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

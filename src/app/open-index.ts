import type { Config } from '../config/schema.js';
import type { AuditEntry } from '../domain/model/audit.js';
import { OvadexError } from '../domain/model/errors.js';
import { isMissing, makeDataDirectory } from './engines/data-directory.js';
import type { Index, IndexPlace, OpenIndexOptions } from './engines/index-ports.js';
import type { MigratedDatabase } from './engines/postgres-index.js';
import { fileOf, openSqliteIndex } from './engines/sqlite-index.js';
import { nameOfHost } from './settings/host-name.js';

export type { Index, IndexPlace, OpenIndexOptions } from './engines/index-ports.js';

/**
 * Opens the index of a place; a writer creates and migrates it first. Rejects with OvadexError `index` if there is none
 * to read or it can't be used, `damaged` if it is damaged, and `foreign` if it was made by a newer ovadex or another
 * program.
 */
export async function openIndex(place: IndexPlace, options: OpenIndexOptions = {}): Promise<Index> {
  const { database } = place.data;
  if (database === undefined) return openSqliteIndex(place, options);
  if (options.readonly !== true) makeDataDirectory(place.data.directory);
  // With its client it takes memory and time, of which a host with a file needs none.
  const { openPostgresIndex } = await import('./engines/postgres-index.js');
  return await openPostgresIndex(database, options);
}

/** Opens the index for reading; null if none has been created yet. Rejects with the errors of `openIndex`. */
export async function openIndexIfAny(place: IndexPlace): Promise<Index | null> {
  const { database } = place.data;
  if (database === undefined) return isMissing(fileOf(place)) ? null : await openIndex(place, { readonly: true });
  const { openPostgresIndexIfAny } = await import('./engines/postgres-index.js');
  return await openPostgresIndexIfAny(database);
}

/** Keeps an entry of the audit log where those of all hosts are, if the index is in a database. Rejects as `openIndex` does. */
export async function keepAuditOf(config: Pick<Config, 'data'>, entry: AuditEntry): Promise<void> {
  const { database } = config.data;
  if (database === undefined) return;
  const { keepAuditAt } = await import('./engines/postgres-index.js');
  await keepAuditAt(database, nameOfHost(config), entry);
}

/**
 * Brings the schema of a database that keeps an index up to date, or only says what that would do. Rejects as `openIndex`
 * does.
 */
export async function migrateDatabase(
  { data: { directory, database } }: Pick<Config, 'data'>,
  options: { readonly isDryRun: boolean },
): Promise<MigratedDatabase> {
  if (database === undefined) throw new OvadexError('internal', 'a file keeps the index');
  if (!options.isDryRun) makeDataDirectory(directory);
  const { migrateDatabaseAt } = await import('./engines/postgres-index.js');
  return await migrateDatabaseAt(database, options);
}

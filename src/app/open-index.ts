import { existsSync } from 'node:fs';
import type { Index, IndexPlace, OpenIndexOptions } from './engines/index-ports.js';
import { fileOf, openSqliteIndex } from './engines/sqlite-index.js';

export type { Index, IndexPlace, OpenIndexOptions } from './engines/index-ports.js';

/**
 * Opens the index of a place; a writer creates and migrates it first. Rejects with OvadexError `index` if there is none
 * to read or it can't be used, `damaged` if it is damaged, and `foreign` if it was made by a newer ovadex or another
 * program.
 */
export async function openIndex(place: IndexPlace, options: OpenIndexOptions = {}): Promise<Index> {
  const { database } = place.data;
  if (database === undefined) return openSqliteIndex(place, options);
  // With its client it takes memory and time, of which a host with a file needs none.
  const { openPostgresIndex } = await import('./engines/postgres-index.js');
  return await openPostgresIndex(database, options);
}

/** Opens the index for reading; null if none has been created yet. Rejects with the errors of `openIndex`. */
export async function openIndexIfAny(place: IndexPlace): Promise<Index | null> {
  const { database } = place.data;
  if (database === undefined) return existsSync(fileOf(place)) ? await openIndex(place, { readonly: true }) : null;
  const { openPostgresIndexIfAny } = await import('./engines/postgres-index.js');
  return await openPostgresIndexIfAny(database);
}

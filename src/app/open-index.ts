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
  return openSqliteIndex(place, options);
}

/** Opens the index for reading; null if none has been created yet. Rejects with the errors of `openIndex`. */
export async function openIndexIfAny(place: IndexPlace): Promise<Index | null> {
  return existsSync(fileOf(place)) ? await openIndex(place, { readonly: true }) : null;
}

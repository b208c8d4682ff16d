import type { Config } from '../config/schema.js';
import { urlOfDatabase } from '../config/sections/data.js';

/** What findings call the index: its file or its database. */
export function nameOfIndex({ data: { database } }: Pick<Config, 'data'>): string {
  return database === undefined ? 'ovadex.db' : urlOfDatabase(database);
}

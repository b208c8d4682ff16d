import type { Database } from 'better-sqlite3';
import { openDatabase } from './database.js';

/** What is read once, from one end to the other, needs no more. */
const CACHE_KIB = 4 * 1024;

/** Opens a connection that sees the index as it is now until it is closed. */
export function openSnapshot(file: string): Database {
  const snapshot = openDatabase(file, { readonly: true });
  snapshot.pragma(`cache_size = -${CACHE_KIB}`);
  snapshot.exec('BEGIN');
  return snapshot;
}

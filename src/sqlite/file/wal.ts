import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/**
 * A longer write-ahead log is checkpointed at once. SQLite does so by itself from 4 MiB on, but begins the log anew
 * only at a moment without a reader, which under load may not come for long; and a reader searches all of it for each
 * page. A first crawl's largest commit is 10 MiB.
 */
export const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
/** The API's longest read takes this long; longer ones (a backup) are not waited for. */
const READERS_WAIT_MS = 250;
/** A long read costs a wait once for this share of the limit, 16 MiB, and not at every commit. */
const RETRY_SHARE = 1 / 4;

/**
 * Writes the write-ahead log into the file and truncates it. False if a reader is in the way: what could be written
 * into the file is there all the same.
 */
export function checkpoint(db: Database): boolean {
  const patience = db.pragma('busy_timeout', { simple: true });
  db.pragma(`busy_timeout = ${READERS_WAIT_MS}`);
  try {
    const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: 0 | 1 }[];
    return result?.busy === 0;
  } finally {
    db.pragma(`busy_timeout = ${String(patience)}`);
  }
}

/** Creates a function to call after every large commit: it keeps the write-ahead log below its limit, as far as readers allow. */
export function createWalKeeper(db: Database, limitBytes: number = WAL_LIMIT_BYTES): () => void {
  const log = `${db.name}-wal`;
  let checkedAt = limitBytes;
  return () => {
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (size < checkedAt) {
      if (size < limitBytes) checkedAt = limitBytes;
      return;
    }
    checkedAt = checkpoint(db) ? limitBytes : size + limitBytes * RETRY_SHARE;
  };
}

import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { SPACE_TRIGRAM } from '../../../src/sqlite/names/name-index.js';
import { buildIndex, emptyIndex } from '../../bench/bulk-index.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex } from '../../support/process/ovadex.js';

/** A daemon whose index was written as a whole; nobody looks at storages. */
export interface Indexed {
  /** No trailing slash. */
  readonly url: string;
  /** Of `user0`. */
  readonly user: string;
  /** Of an administrator who has no space. */
  readonly admin: string;
  readonly end: () => Promise<void>;
}

/** No storage has this name: spaces found there once stay as long as it doesn't answer. */
const NOWHERE = 'http://dav.test/';

/** More would make the start of the daemon the most of a test. */
const MOST_SPACES = 10_000;

/**
 * Starts a daemon on an index with so many syncs, of which the last 60 are of `user0`, who has as many images, all but one
 * of which are gone from the storage, and as many tokens. There are as many spaces, `MOST_SPACES` at most.
 */
export async function startIndexed(rows: number): Promise<Indexed> {
  const cleanup = createCleanup();
  try {
    const ovadex = await installOvadex();
    cleanup.add(() => ovadex.remove());
    const data = join(dirname(ovadex.configFile), 'data');
    mkdirSync(data, { recursive: true });
    renameSync(indexOf(rows), join(data, 'ovadex.db'));
    ovadex.configure({ spaces: [{ discover: NOWHERE }], auth: {} });
    const { token: admin } = await ovadex.createToken('root', ['--scope', 'admin']);
    const user = rows === 0 ? admin : (await ovadex.createToken('user0')).token;
    const daemon = await ovadex.serve();
    cleanup.add(() => daemon.stop());
    return { url: daemon.url.replace(/\/$/, ''), user, admin, end: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Returns the file of such an index. */
function indexOf(rows: number): string {
  if (rows === 0) {
    const { db, file } = emptyIndex();
    db.close();
    return file;
  }
  const spaces = Math.min(rows, MOST_SPACES);
  const { file } = buildIndex({ spaces, images: 1, isDescribed: true });
  const db = openDatabase(file);
  const [now, hour] = [Date.now(), Math.floor(Date.now() / 3_600_000)];
  const numbers = (from: number, to: number) =>
    `WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`;
  db.transaction(() => {
    db.exec(`
      UPDATE spaces SET last_success_at = ${now} - id % 977 * 60000, last_sync_at = ${now} - id % 977 * 60000,
        due_at = ${now} + 86400000, full_due_at = ${now} + 864000000;
      UPDATE spaces SET trouble_kind = 'failed', trouble_at = ${now} - 3600000,
        trouble_message = 'the storage answered 502 Bad Gateway to PROPFIND' WHERE id % 500 = 2;
      UPDATE spaces SET trouble_kind = 'unauthorized', trouble_at = ${now} - 7200000, refusals = 2, retry_at = ${now} + 86400000,
        trouble_message = 'the storage answered 401 Unauthorized' WHERE id % 700 = 3;
      INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at, modified_at, state,
          family, cpus, memory_mib, disk_count)
        ${numbers(1, rows - 1)}
        SELECT 1, 1, 'copies/' || i || '/' || path, name, name_key, size_bytes, ${now} - i % 5000 * 3600000,
          ${now} - i % 977 * 3600000, ${now} - i % 977 * 3600000, state, family, cpus, memory_mib, disk_count
        FROM n JOIN images ON id = 2 + i % ${spaces - 1};
      INSERT INTO image_trigrams (rowid, name_key, space)
        SELECT id, name_key, ${SPACE_TRIGRAM} FROM images WHERE id > (SELECT last_image FROM trigram_extent);
      UPDATE trigram_extent SET last_image = (SELECT max(id) FROM images);
      INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, started_at, ended_at,
          collections, failures, images, requests, added, altered, removed, errors)
        ${numbers(0, rows - 1)}
        SELECT printf('00000000-0000-4000-8000-%012d', i), iif(i >= ${rows} - 60, 1, 1 + i % ${spaces}),
          iif(i % 9, 'incremental', 'full'), iif(i % 7, 'schedule', 'request'), '[]',
          iif(i % 11 = 5, 'ERROR', 'PROCESSED'), at, at, at, at + 400 + i * 7919 % 9000, 40 + i % 300, i % 13 = 0, 900 + i % 50,
          12 + i % 40, i % 5, i % 3, i % 2, iif(i % 11 = 5, '["the storage answered 502 Bad Gateway to PROPFIND"]', '[]')
        FROM (SELECT i, ${now} - (${rows} - i) * 900000 AS at FROM n);
      INSERT INTO tokens (user, hash, scopes, created_at, expires_at, name, used_at)
        ${numbers(1, rows)}
        SELECT 'user0', printf('%064x', i), '[]', ${now} - i * 60000, ${now} + i * 60000, 'backup ' || i, ${now} - i * 1000 FROM n;
      INSERT INTO hours (hour, syncs, failed, added, removed, spaces, images, bytes)
        ${numbers(0, 400)}
        SELECT ${hour} - 400 + i, ${spaces} + i * 37 % 50, (i % 17 = 3) * 2, i * 13 % 40, i % 6, ${spaces},
          2 * ${rows} - 400 + i, (2 * ${rows} - 400 + i) * 4000000000 FROM n;
      UPDATE images SET absent_in_sync = 1, absent_since = ${now} - 7200000 WHERE space = 1 AND path LIKE 'copies/%';
      UPDATE spaces SET images = ${rows}, held_removals = ${rows - 1}, held_reasons = '["more than half of the images are gone at once"]'
        WHERE id = 1`);
  })();
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return file;
}

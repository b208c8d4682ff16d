import type { Database } from 'better-sqlite3';
import { makeSqliteIndex } from '../../sqlite/temporary-index.js';

/** The file of an index of one user, `user0`, with so many images; the caller removes it. */
export async function makeLongIndex(images: number): Promise<{ readonly file: string; remove(): Promise<void> }> {
  const { db, file, close } = await makeSqliteIndex();
  fill(db, images);
  db.pragma('wal_checkpoint(TRUNCATE)');
  return { file, remove: close };
}

function fill(db: Database, images: number): void {
  db.exec(`
    INSERT INTO spaces (id, user, url, added_at, images, collections, revision, last_sync_at, last_success_at)
      VALUES (1, 'user0', 'http://dav.test/user0/', 0, ${images}, 1, 1, 1, 1);
    INSERT INTO collections (id, space, path) VALUES (1, 1, '');
    INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at)
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${images - 1}),
        hashed AS (SELECT i, (i * 2654435761 + 12345) % 4294967296 AS hash FROM n),
        named AS (SELECT i, hash, 'ubuntu-server_' || hash || '-x64-' || printf('%05d', i * 7919 % 99991) || '.ova' AS name
          FROM hashed)
      SELECT 1, 1, 'images/' || (i % 100) || '/' || i || '/' || name, name, name,
        hash % 100000000, i * 7 % 86400000, hash % 86400000
      FROM named`);
}

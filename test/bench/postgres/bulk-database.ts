import { createDatabase, type Database } from '../../../src/postgres/connection/database.js';
import { createPool } from '../../../src/postgres/connection/pool.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { MIGRATIONS } from '../../postgres/index-ports.js';
import { WORDS } from '../bulk-index.js';
import type { MeasuredServer } from './measured-server.js';

/** Opens a new database with the schema, over one connection. */
export async function emptyDatabase(server: MeasuredServer): Promise<Database> {
  const db = createDatabase(createPool({ connectionString: await server.createDatabase(), max: 1 }));
  await migrate(db, MIGRATIONS);
  return db;
}

/** Fills a database as `buildIndex` does a file: the same spaces, the same names; the index of names is made at the end. */
export async function fillDatabase(
  db: Database,
  { spaces, images }: { readonly spaces: number; readonly images: number },
): Promise<void> {
  const word = (shift: number) => `($1::text[])[1 + ((hash >> ${shift}) % ${WORDS.length})]`;
  await db.run('DROP INDEX images_by_trigrams');
  await db.run(
    `INSERT INTO spaces (user_name, url, added_at, images, collections, revision, last_sync_at, last_success_at)
     SELECT 'user' || i, 'http://dav.test/user' || i || '/', 0, $2, 1, 1, 1, 1 FROM generate_series(0, $1::int - 1) AS i`,
    [spaces, images],
  );
  await db.run(`INSERT INTO collections (space, path) SELECT id, '' FROM spaces ORDER BY id`);
  await db.run(
    `INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at)
     SELECT space, space, 'images/' || (i % 100) || '/' || i || '/' || name, name, name,
       hash % 100000000, i * 7 % 86400000, hash % 86400000
     FROM (
       SELECT i, space, hash, ${word(3)} || CASE WHEN hash & 1 = 1 THEN '-' ELSE '_' END || ${word(9)} || '_'
           || (2015 + (hash >> 15) % 12) || '-x64-' || lpad(((hash >> 7) % 99991)::text, 5, '0') || '-v' || (i % 10) || '.'
           || (hash % 7) || '.ova' AS name
       FROM (SELECT i, i / $2::bigint + 1 AS space, (i * 2654435761 + 12345) % 4294967296 AS hash
         FROM generate_series(0::bigint, $3::bigint - 1) AS i) AS hashed) AS named`,
    [WORDS, images, spaces * images],
  );
  await db.run(
    `CREATE INDEX images_by_trigrams ON images USING gin (name_key gin_trgm_ops) WHERE missing_since IS NULL`,
  );
  await db.run('VACUUM ANALYZE');
}

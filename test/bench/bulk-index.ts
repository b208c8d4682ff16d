import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { readMigrations } from '../../src/platform/migrations.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { SPACE_TRIGRAM } from '../../src/sqlite/names/name-index.js';
import { migrate } from '../../src/sqlite/schema/migrate.js';

const MIGRATIONS = readMigrations(new URL('../../migrations/', import.meta.url));

/** What people call their images; `user0` and so on have them. */
export const WORDS = [
  ...['ubuntu', 'debian', 'centos', 'fedora', 'windows', 'kali', 'alpine', 'rocky', 'suse', 'arch', 'mint', 'freebsd'],
  ...['server', 'desktop', 'minimal', 'cloud', 'base', 'gold', 'lab', 'course', 'exam', 'demo', 'backup', 'student'],
  ...['nginx', 'apache', 'mysql', 'postgres', 'docker', 'gitlab', 'jenkins', 'matlab'],
];
export const COMMON_TEXTS = ['.ova', 'ubuntu', 'SERVER', 'a', 'gold_', '-x64', 'ntu-des', '2024', '-v1.2'];

/** Gives each image what a reading would have, by thousandths that look random. */
const DESCRIBE = `
  UPDATE images SET is_settled = draw < 999,
    state = CASE WHEN draw < 900 THEN 1 WHEN draw < 930 THEN 2 WHEN draw < 950 THEN 4 WHEN draw < 960 THEN 0 END,
    family = CASE WHEN draw < 700 THEN 'linux' WHEN draw < 800 THEN 'windows' WHEN draw < 850 THEN 'bsd'
      WHEN draw < 851 THEN 'solaris' WHEN draw < 930 THEN 'other' END,
    cpus = iif(draw < 930, 1 << (draw % 5), NULL), memory_mib = iif(draw < 930, 512 << (draw % 7), NULL),
    disk_count = iif(draw < 930, 1 + draw % 3, NULL)
  FROM (SELECT id AS drawn, (id * 2654435761 % 4294967296 >> 13) % 1000 AS draw FROM images) WHERE images.id = drawn`;

/** Few enough for somebody who waits to see that it goes on. */
const WRITTEN_AT_ONCE = 500_000;

export interface BulkIndex {
  readonly file: string;
  readonly sizeBytes: number;
  readonly elapsedMs: number;
  remove(): void;
}

/** An empty index in a new directory. */
export function emptyIndex(): { readonly db: Database; readonly file: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-bench-'));
  const file = join(directory, 'ovadex.db');
  const db = openDatabase(file);
  migrate(db, MIGRATIONS);
  return { db, file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/**
 * An index of so many spaces with so many images each, written by SQL as a whole; `isDescribed`: nearly all of them were
 * read, 7 in 10 are Linux, 5 in 100 don't deploy, and what they say differs as it does among real ones.
 */
export function buildIndex({
  spaces,
  images,
  isDescribed = false,
  onWritten,
}: {
  readonly spaces: number;
  readonly images: number;
  readonly isDescribed?: boolean;
  /** Called now and then with the number of images that are written. */
  readonly onWritten?: (images: number) => void;
}): BulkIndex {
  const startedAt = performance.now();
  const { db, file, remove } = emptyIndex();
  db.pragma('cache_size = -262144');
  // Nobody misses a file that a crash has spoiled, and each page is written once.
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  db.exec('CREATE TEMP TABLE words (i INTEGER PRIMARY KEY, word TEXT NOT NULL)');
  const insertWord = db.prepare<[number, string]>('INSERT INTO words VALUES (?, ?)');
  for (const [i, word] of WORDS.entries()) insertWord.run(i, word);
  const word = (shift: number) => `(SELECT word FROM words WHERE i = (hash >> ${shift}) % ${WORDS.length})`;
  const total = spaces * images;
  const insertImages = db.prepare<[{ from: number; upTo: number }]>(`
    INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at)
      WITH RECURSIVE n (i) AS (SELECT CAST(:from AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < :upTo - 1),
        hashed AS (SELECT i, i / ${images} + 1 AS space, (i * 2654435761 + 12345) % 4294967296 AS hash FROM n),
        named AS MATERIALIZED (
          SELECT i, space, hash,
            ${word(3)} || iif(hash & 1, '-', '_') || ${word(9)} || '_' || (2015 + (hash >> 15) % 12) || '-x64-'
              || printf('%05d', (hash >> 7) % 99991) || '-v' || (i % 10) || '.' || (hash % 7) || '.ova' AS name
          FROM hashed)
      SELECT space, space, 'images/' || (i % 100) || '/' || i || '/' || name, name, name,
        hash % 100000000, i * 7 % 86400000, hash % 86400000
      FROM named`);
  db.transaction(() => {
    db.exec(`
      INSERT INTO spaces (id, user, url, added_at, images, collections, revision, last_sync_at, last_success_at)
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${spaces - 1})
        SELECT i + 1, 'user' || i, 'http://dav.test/user' || i || '/', 0, ${images}, 1, 1, 1, 1 FROM n;
      INSERT INTO collections (space, path) SELECT id, '' FROM spaces`);
    for (let from = 0; from < total; from += WRITTEN_AT_ONCE) {
      insertImages.run({ from, upTo: Math.min(total, from + WRITTEN_AT_ONCE) });
      onWritten?.(Math.min(total, from + WRITTEN_AT_ONCE));
    }
    db.exec(`
      INSERT INTO image_trigrams (rowid, name_key, space) SELECT id, name_key, ${SPACE_TRIGRAM} FROM images ORDER BY id;
      UPDATE trigram_extent SET last_image = (SELECT max(id) FROM images)`);
    if (isDescribed) db.exec(DESCRIBE);
  })();
  db.pragma('journal_mode = WAL');
  db.close();
  return { file, sizeBytes: statSync(file).size, elapsedMs: performance.now() - startedAt, remove };
}

/** Numbers that look random and are the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

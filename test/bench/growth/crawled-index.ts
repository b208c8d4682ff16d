import Database from 'better-sqlite3';
import { exclusionsOf } from '../../../src/domain/model/exclusions.js';
import { IMAGE_RULE } from '../../../src/domain/model/image.js';
import { type BulkIndex, buildIndex } from '../bulk-index.js';
import { rootEtag } from './unchanged-root.js';

/** How much an index holds. */
export interface Size {
  readonly spaces: number;
  /** Of each space. */
  readonly images: number;
}

/** A hundred are kept for each space; the more there are, the more the file and its copies are of them. */
const SYNCS_KEPT = 10;
const DAY_MS = 86_400_000;

/**
 * An index as a crawl leaves it that has run for long: each space has been listed in full, its marker has shown changes, its
 * syncs have a history, nothing waits to be summed up or read, and nothing is due before tomorrow.
 */
export function buildCrawledIndex(
  { spaces, images }: Size,
  storageUrl: string,
  onWritten: (images: number) => void,
): BulkIndex {
  const index = buildIndex({ spaces, images, onWritten });
  const db = new Database(index.file);
  try {
    db.pragma('synchronous = OFF');
    db.function('root_etag', (user) => rootEtag(String(user)));
    const now = Date.now();
    const rules = JSON.stringify([IMAGE_RULE, exclusionsOf({ exclude: [], excludeDefaults: true })]);
    db.transaction(() => {
      db.prepare(
        `UPDATE spaces SET url = :storageUrl || user || '/', rules = :rules, names_evidence = 'seen', subtree_evidence = 'seen',
           unchanged_requests = 1, look_cost = 1, last_sync_at = :now, last_success_at = :now, due_at = :tomorrow,
           full_due_at = :tomorrow, has_unread = 0, waiting_images = images, bytes_revision = revision,
           image_bytes = (SELECT coalesce(sum(size_bytes), 0) FROM images WHERE space = spaces.id AND missing_since IS NULL)`,
      ).run({ storageUrl, rules, now, tomorrow: now + DAY_MS });
      db.prepare(
        `UPDATE collections SET marker = 'etag:' || root_etag(user), is_settled = 1, is_proven = 1, listed_at = :now,
           modified_at = 1
         FROM spaces WHERE spaces.id = collections.space`,
      ).run({ now });
      db.prepare(
        `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, started_at, ended_at,
           collections, requests)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${SYNCS_KEPT})
         SELECT lower(hex(randomblob(16))), id, 'incremental', 'schedule', '[]', 'PROCESSED', :before + i, :before + i,
           :before + i, :before + i, 0, 1
         FROM n, spaces ORDER BY i, id`,
      ).run({ before: now - DAY_MS });
    })();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  return index;
}

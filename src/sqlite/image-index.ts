import type { Database } from 'better-sqlite3';
import { OvadexError } from '../domain/errors.js';
import { parentOf, type ResourcePath, ROOT } from '../domain/path.js';
import type { Clock, CollectionCommit, ImageIndex, Lease } from '../domain/ports.js';
import type { KnownCollection, KnownImage } from '../domain/reconcile.js';
import { attempt } from './attempt.js';
import { createCommitWriter } from './commit-writer.js';
import { rangeBelow } from './path-range.js';

/** Tombstones deleted in one transaction: a few milliseconds, so that a commit waits no longer. */
const FORGOTTEN_AT_ONCE = 5_000;

type CollectionRow = readonly [
  id: number,
  marker: string | null,
  emptyInSync: number | null,
  listedInSync: number | null,
];

type KnownImageRow = readonly [
  id: number,
  path: ResourcePath,
  name: string,
  sizeBytes: number | null,
  etag: string | null,
  modifiedAt: number | null,
  isMissing: 0 | 1,
  absentInSync: number | null,
];

/** What the crawler reads and writes. Rejects with OvadexError `conflict` or `index`. */
export function createImageIndex(db: Database, clock: Clock = Date.now): ImageIndex {
  const selectCollection = db
    .prepare<[number, ResourcePath], CollectionRow>(
      'SELECT id, marker, empty_in_sync, listed_in_sync FROM collections WHERE space = ? AND path = ?',
    )
    .raw();
  const selectChildren = db.prepare<[number], ResourcePath>('SELECT path FROM collections WHERE parent = ?').pluck();
  const selectImages = db
    .prepare<[number], KnownImageRow>(
      `SELECT id, path, name, size_bytes, etag, modified_at, missing_since IS NOT NULL, absent_in_sync
       FROM images WHERE collection = ?`,
    )
    .raw();
  const countBelow = db.prepare<[number, number, string, string | Buffer], { images: number; agreed: number }>(
    `SELECT count(*) AS images, count(*) FILTER (WHERE absent_in_sync <> ?) AS agreed
     FROM images WHERE space = ? AND path >= ? AND path < ? AND missing_since IS NULL`,
  );
  const selectHeldLease = db
    .prepare<[number, number, string, number], 1>(
      `SELECT 1 FROM spaces JOIN syncs ON syncs.id = ?
       WHERE spaces.id = ? AND lease_owner = ? AND lease_sync = ? AND status = 'IN_PROGRESS'`,
    )
    .pluck();
  const forget = db.prepare<[number]>(`DELETE FROM images WHERE missing_since < ? LIMIT ${FORGOTTEN_AT_ONCE}`);
  const writer = createCommitWriter(db);

  const readKnown = db.transaction((spaceId: number, path: ResourcePath): KnownCollection => {
    const row = selectCollection.get(spaceId, path);
    if (row === undefined) {
      return { path, marker: null, emptyInSync: null, listedInSync: null, images: [], collections: [] };
    }
    const [id, marker, emptyInSync, listedInSync] = row;
    const images = selectImages.all(id).map(knownImageFromRow);
    return { path, marker, emptyInSync, listedInSync, images, collections: selectChildren.all(id) };
  });

  const commitAll = db.transaction((lease: Lease, commits: readonly CollectionCommit[]) => {
    const { syncId, spaceId, owner } = lease;
    if (selectHeldLease.get(syncId, spaceId, owner, syncId) === undefined) {
      throw new OvadexError('conflict', `sync ${syncId} has ended or lost its lease; nothing more of it is written`);
    }
    return writer.write(spaceId, syncId, commits, clock());
  });

  return {
    known: (spaceId, collection) => attempt(() => readKnown.deferred(spaceId, collection)),

    nearestKnown: (spaceId, collection) =>
      attempt(() => {
        let path = collection;
        while (path !== ROOT && selectCollection.get(spaceId, path) === undefined) path = parentOf(path);
        return path;
      }),

    subtree: (lease, collection) =>
      attempt(() => {
        const below = countBelow.get(lease.syncId, lease.spaceId, ...rangeBelow(collection));
        return below ?? { images: 0, agreed: 0 };
      }),

    commit: (lease, commits) => attempt(() => commitAll.immediate(lease, commits)),

    forgetMissing: (before) =>
      attempt(() => {
        let forgotten = 0;
        for (let more = true; more; ) {
          const { changes } = forget.run(before);
          forgotten += changes;
          more = changes === FORGOTTEN_AT_ONCE;
        }
        return forgotten;
      }),
  };
}

function knownImageFromRow(row: KnownImageRow): KnownImage {
  const [id, path, name, sizeBytes, etag, modifiedAt, isMissing, absentInSync] = row;
  return { id, path, name, sizeBytes, etag, modifiedAt, isMissing: isMissing === 1, absentInSync };
}

import type { Database } from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import type { ImageResource } from '../../domain/model/image.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { CollectionCommit, CommitCounts, ImageIndex } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import { type KnownCollection, unseenCollection } from '../../domain/reconcile/known-collection.js';
import type { KnownPage } from '../../domain/reconcile/known-images.js';
import { attempt } from '../file/run-query.js';
import { createNameIndex } from '../names/name-index.js';
import { createIncompleteFolders, createShownImages } from '../read/shown-images.js';
import { createCommitWriter, type WrittenSpace } from './commit-writer.js';
import { type ChildRow, childFromRow, type KnownImageRow, knownImageFromRow } from './known-rows.js';
import { type PathRange, rangeBelow } from './path-range.js';

/** Images of a collection read at once: most collections have fewer, and of a huge one, no more are in memory at a time. */
const KNOWN_AT_ONCE = 1_000;

type CollectionRow = readonly [
  id: number,
  marker: string | null,
  isSettled: 0 | 1,
  isProven: 0 | 1,
  modifiedAt: number | null,
  listedAt: number | null,
  emptyInSync: number | null,
  isContradicted: 0 | 1,
  listedInSync: number | null,
  toVisit: string | null,
  holdsImages: 0 | 1,
];

/**
 * Creates what the crawler reads and writes; `onCommit` is called after each commit. Rejects with OvadexError
 * `conflict` or `index`.
 */
export function createImageIndex(
  db: Database,
  clock: Clock = Date.now,
  onCommit: () => void = () => undefined,
): ImageIndex {
  const selectCollection = db
    .prepare<[number, ResourcePath], CollectionRow>(
      `SELECT id, marker, is_settled, is_proven, modified_at, listed_at, empty_in_sync, is_contradicted, listed_in_sync,
         to_visit, EXISTS (SELECT 1 FROM images WHERE images.collection = collections.id)
       FROM collections WHERE space = ? AND path = ?`,
    )
    .raw();
  const selectCollectionId = db
    .prepare<[number, ResourcePath], number>('SELECT id FROM collections WHERE space = ? AND path = ?')
    .pluck();
  const selectChildren = db
    .prepare<[number], ChildRow>(
      `SELECT path, marker, is_settled, is_proven, absent_in_sync, absent_in_full, is_joined,
         NOT EXISTS (SELECT 1 FROM collections AS inner_one WHERE inner_one.parent = collections.id)
       FROM collections WHERE parent = ?`,
    )
    .raw();
  const selectImages = db
    .prepare<[number, number], KnownImageRow>(
      `SELECT id, path, size_bytes, etag, modified_at, missing_since IS NOT NULL, absent_in_sync,
         iif(absent_in_sync IS NULL, NULL, absent_in_full), is_settled,
         updated_at
       FROM images WHERE collection = ? AND id > ? ORDER BY id LIMIT ${KNOWN_AT_ONCE}`,
    )
    .raw();
  const selectMounts = db
    .prepare<[number, ...PathRange], ResourcePath>(
      'SELECT path FROM collections WHERE space = ? AND path >= ? AND path < ? AND is_mount = 1',
    )
    .pluck();
  const selectRefused = db.prepare<[number], 0 | 1>('SELECT is_removal_refused FROM spaces WHERE id = ?').pluck();
  const proveOne = db.prepare<[number, ResourcePath]>(
    'UPDATE collections SET is_proven = 1 WHERE space = ? AND path = ? AND is_settled = 1',
  );
  const distrustOne = db.prepare<[number, ResourcePath]>(
    'UPDATE collections SET is_settled = 0, is_proven = 0 WHERE space = ? AND path = ? AND is_settled = 1',
  );
  const unproveOne = db.prepare<[number, ResourcePath]>(
    'UPDATE collections SET is_proven = 0 WHERE space = ? AND path = ? AND is_proven = 1',
  );
  const forgetSearched = db.prepare<[number]>(
    'UPDATE spaces SET searched_marker = NULL WHERE id = ? AND searched_marker IS NOT NULL',
  );
  const countBelow = db.prepare<[number, number, string, string | Buffer], { images: number; agreed: number }>(
    `SELECT count(*) AS images, count(*) FILTER (WHERE absent_in_sync <> ?) AS agreed
     FROM images WHERE space = ? AND path >= ? AND path < ? AND missing_since IS NULL`,
  );
  const selectHeldLease = db
    .prepare<[number, number, string, number], number>(
      `SELECT revision FROM spaces JOIN syncs ON syncs.id = ?
       WHERE spaces.id = ? AND lease_owner = ? AND lease_sync = ? AND status = 'IN_PROGRESS'`,
    )
    .pluck();
  const countAtSync = db.prepare<[CommitCounts & { readonly syncId: number }]>(
    `UPDATE syncs SET added = added + :added, altered = altered + :altered, removed = removed + :removed
     WHERE id = :syncId`,
  );
  const writer = createCommitWriter(db);
  const names = createNameIndex(db);
  const shownImages = createShownImages(db);
  const incompleteFolders = createIncompleteFolders(db, clock);

  const readKnown = db.transaction((spaceId: number, path: ResourcePath): KnownCollection => {
    const row = selectCollection.get(spaceId, path);
    if (row === undefined) return unseenCollection(path);
    const [id, marker, isSettled, isProven, modifiedAt, listedAt, emptyInSync, isContradicted, ...progress] = row;
    const [listedInSync, toVisit, holdsImages] = progress;
    return {
      path,
      marker,
      isSettled: isSettled === 1,
      isProven: isProven === 1,
      modifiedAt,
      listedAt,
      emptyInSync,
      isContradicted: isContradicted === 1,
      listedInSync,
      toVisit: toVisit === null ? null : (JSON.parse(toVisit) as ResourcePath[]),
      children: selectChildren.all(id).map(childFromRow),
      holdsImages: holdsImages === 1,
    };
  });

  const readImages = (spaceId: number, path: ResourcePath, after: number): KnownPage => {
    const collection = selectCollectionId.get(spaceId, path);
    const rows = collection === undefined ? [] : selectImages.all(collection, after);
    const now = clock();
    const next = rows.length < KNOWN_AT_ONCE ? null : (rows.at(-1)?.[0] ?? null);
    return { images: rows.map((row) => knownImageFromRow(row, now)), next };
  };

  const requireLease = ({ syncId, spaceId, owner }: Lease): WrittenSpace => {
    const revision = selectHeldLease.get(syncId, spaceId, owner, syncId);
    if (revision !== undefined) return { id: spaceId, revision };
    throw new OvadexError('conflict', `sync ${syncId} has ended or lost its lease; nothing more of it is written`);
  };

  const count = ({ syncId }: Lease, counts: CommitCounts) => {
    const { added, altered, removed } = counts;
    if (added + altered + removed > 0) countAtSync.run({ added, altered, removed, syncId });
    if (added > 0) names.extend();
    return counts;
  };

  const commitAll = db.transaction((lease: Lease, commits: readonly CollectionCommit[]) =>
    count(lease, writer.write(requireLease(lease), lease.syncId, commits, clock())),
  );

  const showAll = db.transaction(
    (lease: Lease, images: readonly ImageResource[], unsettled: ReadonlySet<ResourcePath>) =>
      count(lease, writer.show(requireLease(lease), images, unsettled, clock())),
  );

  const proveAll = db.transaction((lease: Lease, collections: readonly ResourcePath[]) => {
    requireLease(lease);
    for (const path of collections) proveOne.run(lease.spaceId, path);
  });

  const renameAll = db.transaction((lease: Lease, from: ResourcePath, to: ResourcePath) => {
    return writer.rename(requireLease(lease), from, to, clock());
  });

  const distrustAll = db.transaction((lease: Lease, collection: ResourcePath) => {
    requireLease(lease);
    distrustOne.run(lease.spaceId, collection);
    for (let at = collection; at !== ROOT; ) {
      at = parentOf(at);
      unproveOne.run(lease.spaceId, at);
    }
  });

  const outdateAll = db.transaction((lease: Lease, collection: ResourcePath) => {
    requireLease(lease);
    forgetSearched.run(lease.spaceId);
    for (let at = collection; at !== ROOT; ) {
      at = parentOf(at);
      distrustOne.run(lease.spaceId, at);
    }
  });

  return {
    mostKeyBytes: null,
    known: (spaceId, collection) => attempt(() => readKnown.deferred(spaceId, collection)),

    knownImages: (spaceId, collection, after) => attempt(() => readImages(spaceId, collection, after)),

    shownImages: (spaceId, after) => attempt(() => shownImages(spaceId, after)),

    incompleteFolders: (spaceId) => attempt(() => incompleteFolders(spaceId)),

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

    commit: (lease, commits) =>
      attempt(() => {
        const counts = commitAll.immediate(lease, commits);
        onCommit();
        return counts;
      }),
    show: (lease, images, unsettled) =>
      attempt(() => {
        const counts = showAll.immediate(lease, images, unsettled);
        onCommit();
        return counts;
      }),
    rename: (lease, from, to) =>
      attempt(() => {
        const isRenamed = renameAll.immediate(lease, from, to);
        onCommit();
        return isRenamed;
      }),
    distrust: (lease, collection) => attempt(() => distrustAll.immediate(lease, collection)),
    outdate: (lease, collection) => attempt(() => outdateAll.immediate(lease, collection)),
    prove: (lease, collections) => attempt(() => proveAll.immediate(lease, collections)),
    isRemovalRefused: (spaceId) => attempt(() => selectRefused.get(spaceId) === 1),
    mountsBelow: (spaceId, collection) => attempt(() => selectMounts.all(spaceId, ...rangeBelow(collection))),
  };
}

import type { Database } from 'better-sqlite3';
import { noImages } from '../../domain/description/image-counts.js';
import type { ImageResource } from '../../domain/model/image.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import { type HeldNote, type ListedNote, noteOf } from '../../domain/policy/collection-note.js';
import type { CollectionCommit, CommitCounts } from '../../domain/ports/image-index.js';
import type { KnownImage } from '../../domain/reconcile/known-images.js';
import { countColumns } from '../read/image-counts.js';
import { type CollectionRow, prepareCommit } from './commit-statements.js';
import { createImageWriter, type ImageBatch } from './image-writer.js';
import { rangeBelow } from './path-range.js';
import { createSiblingWriter } from './sibling-writer.js';

/** A space that is written to, in a transaction that began at this revision of it. */
export interface WrittenSpace {
  readonly id: number;
  readonly revision: number;
}

export interface CommitWriter {
  /** Writes the changes of a space's collections, its counters and revision; runs in the caller's transaction. */
  write(space: WrittenSpace, syncId: number, commits: readonly CollectionCommit[], now: number): CommitCounts;
  /** Shows images like `ImageIndex.show`, in the caller's transaction. */
  show(
    space: WrittenSpace,
    images: readonly ImageResource[],
    unsettled: ReadonlySet<ResourcePath>,
    now: number,
  ): CommitCounts;
  /** Renames a collection like `ImageIndex.rename`, in the caller's transaction. */
  rename(space: WrittenSpace, from: ResourcePath, to: ResourcePath, now: number): boolean;
}

/** One call of `write`: what it writes to, and what has become of it so far. */
interface Batch extends ImageBatch {
  readonly syncId: number;
  /** Collections created minus those removed. */
  collections: number;
  /** Whether there may be tombstones without a collection; null: nobody has asked yet. */
  hasOrphans: boolean | null;
  /** Rows of those created that are still as they were then: most are listed in the same batch. */
  readonly created: Map<ResourcePath, CollectionRow>;
}

const CREATED: Omit<CollectionRow, 'id'> = {
  isMount: 0,
  isJoined: 0,
  absentInSync: null,
  emptyInSync: null,
  modifiedAt: null,
  listedAt: null,
  hasSiblings: 0,
};

/** Creates the writer that does the work of `ImageIndex.commit` in its transaction. */
export function createCommitWriter(db: Database): CommitWriter {
  const statements = prepareCommit(db);
  const { newSiblings, judgeBeside } = createSiblingWriter(db);
  const images = createImageWriter(statements);

  const adoptTombstones = ({ spaceId }: Batch, collection: number, path: ResourcePath) => {
    const range = rangeBelow(path);
    // SQLite counts characters, JavaScript UTF-16 units.
    statements.adoptTombstones.run(collection, spaceId, ...range, [...range[0]].length + 1);
  };

  const findOrCreate = (batch: Batch, path: ResourcePath): CollectionRow => {
    const existing = batch.created.get(path) ?? statements.findCollection.get(batch.spaceId, path);
    if (existing !== undefined) return existing;
    const parent = path === ROOT ? null : findOrCreate(batch, parentOf(path)).id;
    const { lastInsertRowid } = statements.insertCollection.run(batch.spaceId, parent, path);
    return created(batch, path, Number(lastInsertRowid));
  };

  /** Does the same for a child of a collection that was never listed, which is nearly always new, with one statement less. */
  const createOrFind = (batch: Batch, path: ResourcePath, parent: number): CollectionRow => {
    const known = batch.created.get(path);
    if (known !== undefined) return known;
    const { changes, lastInsertRowid } = statements.insertCollection.run(batch.spaceId, parent, path);
    return changes === 1 ? created(batch, path, Number(lastInsertRowid)) : findOrCreate(batch, path);
  };

  const created = (batch: Batch, path: ResourcePath, id: number): CollectionRow => {
    batch.hasOrphans ??= statements.hasOrphans.get() === 1;
    if (batch.hasOrphans) adoptTombstones(batch, id, path);
    batch.collections += 1;
    const row = { ...CREATED, id };
    batch.created.set(path, row);
    return row;
  };

  const hold = (batch: Batch, missed: readonly KnownImage[], collections: readonly ResourcePath[]) => {
    if (missed.length + collections.length === 0) return;
    const { spaceId, syncId, now, created } = batch;
    if (collections.length > 0) created.clear();
    const fullSync = statements.modeOf.get(syncId) === 'full' ? syncId : null;
    for (const { id } of missed) statements.holdImage.run({ now, syncId, fullSync, id, spaceId });
    for (const path of collections) {
      statements.holdCollection.run(syncId, fullSync, spaceId, path);
      const [from, to] = rangeBelow(path);
      statements.holdBelow.run({ now, syncId, fullSync, spaceId, from, to });
    }
  };

  /**
   * Undoes what `hold` has noted on a collection, which exists after all. What was found absent below it before then
   * still is, and so are what a collection that was found emptied since holds for itself, and images that an
   * administrator keeps.
   */
  const reconfirm = ({ spaceId }: Batch, path: ResourcePath) => {
    const since = statements.findCollection.get(spaceId, path)?.absentInSync ?? null;
    if (since === null) return;
    statements.reconfirmCollection.run(spaceId, path);
    if (statements.isRemovalRefused.get(spaceId) === 1) return;
    const [from, to] = rangeBelow(path);
    statements.reconfirmBelow.run({ since, spaceId, path, from, to });
  };

  const remove = (batch: Batch, { changes, absent }: CollectionCommit) => {
    const { spaceId, created } = batch;
    for (const { id } of changes.disappeared) images.remove(batch, id);
    if (absent.length > 0) created.clear();
    for (const path of absent) {
      const range = rangeBelow(path);
      images.removeBelow(batch, range);
      // A foreign key allows removing the collections once no image refers to them, and parents after their children.
      statements.orphanTombstones.run(spaceId, ...range);
      batch.hasOrphans = true;
      batch.collections -= statements.deleteCollectionsBelow.run(spaceId, ...range).changes;
      batch.collections -= statements.deleteCollection.run(spaceId, path).changes;
    }
  };

  const writeOne = (batch: Batch, commit: CollectionCommit) => {
    const { changes } = commit;
    const row = findOrCreate(batch, changes.collection);
    const isNew = batch.created.delete(changes.collection);
    const isFirst = row.listedAt === null;
    for (const listed of changes.collections) {
      const { path } = listed;
      const child = isFirst ? createOrFind(batch, path, row.id) : findOrCreate(batch, path);
      const isMount = listed.isMount ? 1 : 0;
      const isJoined = listed.isJoined === true ? 1 : 0;
      if (child.isMount !== isMount || child.isJoined !== isJoined) {
        statements.noteMount.run(isMount, isJoined, child.id);
        batch.created.delete(listed.path);
      }
      if (child.absentInSync !== null) reconfirm(batch, listed.path);
    }
    if (changes.isMount && row.isMount === 0) statements.noteMount.run(1, row.isJoined, row.id);
    for (const path of [...commit.present, ...changes.rejudged]) reconfirm(batch, path);
    const isAnyBack = images.write(batch, row.id, changes);
    hold(batch, changes.doubted, commit.unproven);
    const note = noteOf(row, commit, batch.syncId);
    if (note.kind === 'held') hold(batch, changes.disappeared, commit.absent);
    else remove(batch, commit);
    if (note.kind === 'held') {
      writeHeld(row.id, note);
      return;
    }
    const { siblings } = changes;
    const beside = newSiblings(row, siblings);
    // In a collection that this very commit has made no image has been read, unless it is back.
    if (beside !== undefined && (!isNew || isAnyBack)) {
      batch.restated += judgeBeside(row.id, siblings, batch);
    }
    writeListed(row.id, note, beside);
  };

  const writeHeld = (id: number, { emptyInSync, isContradicted }: HeldNote) => {
    statements.noteHeld.run(emptyInSync, isContradicted ? 1 : 0, id);
  };

  /** Notes a listing and, unless they are undefined, the files of the collection: each update writes the whole row. */
  const writeListed = (id: number, note: ListedNote, beside: string | null | undefined) => {
    const isContradicted = note.isContradicted ? 1 : 0;
    const { marker, modifiedAt, listedAt, listedInSync } = note;
    const toVisit = note.toVisit === null ? null : JSON.stringify(note.toVisit);
    const flags = [note.isSettled ? 1 : 0, isContradicted] as const;
    if (beside === undefined) {
      statements.noteListed.run(marker, modifiedAt, listedAt, ...flags, listedInSync, toVisit, id);
    } else {
      statements.noteListedBeside.run(marker, modifiedAt, listedAt, ...flags, listedInSync, toVisit, beside, id);
    }
  };

  /** Counts what a batch has changed. */
  const count = ({ spaceId, now, added, altered, removed, restated, collections, counts }: Batch): CommitCounts => {
    const isVisible = added + altered + removed + restated > 0;
    if (isVisible || collections !== 0) {
      const changedAt = isVisible ? now : null;
      const mayBeUnread = added + altered + restated > 0 ? 1 : 0;
      const rows = [added - removed, collections] as const;
      statements.countSpace.run(isVisible ? 1 : 0, changedAt, mayBeUnread, ...rows, ...countColumns(counts), spaceId);
    }
    return { added, altered, removed };
  };

  return {
    rename: ({ id: spaceId, revision }, from, to, now) => {
      if (statements.findCollection.get(spaceId, to) !== undefined) return false;
      // Tombstones of a folder that once had this name.
      if (statements.findImageBelow.get(spaceId, ...rangeBelow(to)) !== undefined) return false;
      // SQLite counts characters, JavaScript UTF-16 units.
      const rest = [...from].length + 1;
      statements.renameCollection.run(to, spaceId, from);
      statements.renameCollections.run(to, rest, spaceId, ...rangeBelow(from));
      const { changes } = statements.renameImages.run(to, rest, revision + 1, spaceId, ...rangeBelow(from));
      if (changes > 0) statements.countSpace.run(1, now, 0, 0, 0, ...countColumns(noImages()), spaceId);
      return true;
    },
    show: (space, shown, unsettled, now) => {
      const batch = newBatch(space, NO_SYNC, now);
      const idOf = new Map<ResourcePath, number>();
      for (const image of shown) {
        const parent = parentOf(image.path);
        const collection = idOf.get(parent) ?? findOrCreate(batch, parent).id;
        idOf.set(parent, collection);
        images.show(batch, collection, image, unsettled.has(image.path) ? 0 : 1);
      }
      return count(batch);
    },
    write: (space, syncId, commits, now) => {
      const batch = newBatch(space, syncId, now);
      for (const commit of commits) writeOne(batch, commit);
      return count(batch);
    },
  };
}

/** What is shown before a listing is noted for no sync. */
const NO_SYNC = 0;

function newBatch({ id, revision }: WrittenSpace, syncId: number, now: number): Batch {
  return {
    spaceId: id,
    syncId,
    now,
    place: revision + 1,
    added: 0,
    altered: 0,
    removed: 0,
    restated: 0,
    returned: 0,
    collections: 0,
    counts: noImages(),
    hasOrphans: null,
    created: new Map(),
  };
}

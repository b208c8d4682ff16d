import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { Space } from '../../domain/model/space.js';
import { attemptNow } from '../file/run-query.js';
import { openSnapshot } from '../file/snapshot.js';
import { createIdleWork } from '../lists/idle-work.js';
import { type ChangedNames, changedNames, MOST_CHANGED, type NameKeysOf } from './changed-names.js';
import type { NameTable } from './name-table.js';
import { readNames } from './read-names.js';

type ListedSpace = Pick<Space, 'id' | 'revision' | 'images'>;

/** Keeps the names of spaces that are searched again and again in memory. */
export interface KeptNames {
  /**
   * Returns the names of a space that is searched, within the transaction in which it was read; null if they aren't known, or too
   * much has changed since they were. Then they are read between other answers, if the space is searched for the second time.
   */
  of(space: ListedSpace): ChangedNames | null;
}

/**
 * The most memory of the names of all spaces. A name takes 17 bytes and its own; of 1,000,000 images as they are usually called that
 * is 53 MB. Counted are the names and whatever there is for each; while they are read they take 20 bytes each besides.
 */
const KEPT_BYTES = 96 * 1024 * 1024;
/** The most spaces whose names are kept. */
const KEPT_SPACES = 16;
/** Names are dropped once their space wasn't searched for so long; it is looked at as often. */
const UNUSED_MS = 5 * 60_000;
/** Spaces that are known to have been searched. */
const SEARCHED_SPACES = 1_000;

export const CHANGED_NAMES_SQL = `SELECT id, missing_since IS NULL FROM images INDEXED BY images_changed
  WHERE space = ? AND changed_in > ? LIMIT ${MOST_CHANGED + 1}`;
const SPACE_SQL = 'SELECT id, revision, images FROM spaces WHERE id = ? AND is_configured = 1';

interface Kept {
  readonly table: NameTable;
  /** Of the space as the table was read. */
  readonly readAt: number;
  /** The list at a later revision. */
  readonly revision: number;
  readonly names: ChangedNames;
  usedAt: number;
}

/** Creates the names of spaces; `keysOf` reads the keys of a space's images by their ids, in the caller's transaction. */
export function createKeptNames(
  db: Database,
  keysOf: (spaceId: number) => NameKeysOf,
  keptBytes = KEPT_BYTES,
): KeptNames {
  const kept = new LRUCache<number, Kept>({
    max: KEPT_SPACES,
    maxSize: keptBytes,
    sizeCalculation: ({ table }) => table.bytes,
  });
  /** How many images a space had whose names could not be kept; 0 for others that were searched. */
  const searched = new LRUCache<number, number>({ max: SEARCHED_SPACES });
  const idleWork = createIdleWork();
  const selectChanged = db.prepare<[number, number], [id: number, isShown: 0 | 1]>(CHANGED_NAMES_SQL).raw();
  let isLooking = false;
  const dropUnused = () => {
    isLooking = false;
    for (const [spaceId, { usedAt }] of [...kept.entries()]) {
      if (performance.now() - usedAt >= UNUSED_MS) kept.delete(spaceId);
    }
    if (kept.size > 0) dropLater();
  };
  const dropLater = () => {
    if (!isLooking) setTimeout(dropUnused, UNUSED_MS).unref();
    isLooking = true;
  };

  /** Reads the names of a space, and keeps them, with a pause every few milliseconds. */
  function* read(spaceId: number): Generator<void, void> {
    const snapshot = openSnapshot(db.name);
    try {
      const space = snapshot.prepare<[number], ListedSpace>(SPACE_SQL).get(spaceId);
      if (space === undefined) return;
      const table = yield* readNames(snapshot, spaceId, space.images, keptBytes);
      if (table === null) {
        searched.set(spaceId, space.images);
        return;
      }
      dropLater();
      const { revision } = space;
      const names = changedNames(table, keysOf(spaceId), [], []);
      kept.set(spaceId, { table, readAt: revision, revision, names, usedAt: performance.now() });
    } finally {
      snapshot.close();
    }
  }
  const readLater = (spaceId: number) => {
    let work: Generator<void, void> | null = null;
    idleWork.offer(() => {
      work ??= read(spaceId);
      if (!db.open) work.return();
      const reading = work;
      return attemptNow(() => reading.next()).done !== true;
    });
  };

  /** Brings names up to date; null if that would take longer than reading them again. */
  const renewed = (space: ListedSpace, before: Kept): Kept | null => {
    if (before.revision === space.revision) return before;
    if (before.readAt > space.revision) return null;
    const changed = selectChanged.all(space.id, before.readAt);
    if (changed.length > MOST_CHANGED) return null;
    const shown = changed.filter(([, isShown]) => isShown === 1).map(([id]) => id);
    const names = changedNames(
      before.table,
      keysOf(space.id),
      changed.map(([id]) => id),
      shown,
    );
    // It has too many, if tombstones were deleted that had been images.
    const images = before.table.ids.length - names.gone.size + names.added.length;
    return images === space.images ? { ...before, revision: space.revision, names } : null;
  };

  return {
    of(space) {
      const before = kept.get(space.id);
      const found = before === undefined ? null : renewed(space, before);
      if (found !== null) {
        found.usedAt = performance.now();
        if (found !== before) kept.set(space.id, found);
        return found.names;
      }
      const refused = searched.get(space.id);
      searched.set(space.id, refused ?? 0);
      if (refused === 0 || (refused !== undefined && space.images < refused)) readLater(space.id);
      return null;
    },
  };
}

import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { cursorAt } from '../../domain/lists/cursor.js';
import type { HeldQuery } from '../../domain/lists/held-list.js';
import { isToldByGroups } from '../../domain/lists/image-groups.js';
import { type ImageQuery, isUnfiltered, keyOf, type SortKey, totalOrder } from '../../domain/lists/image-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { PagePlace } from '../../domain/lists/page.js';
import { SPACE_LIST, type SpaceKey, type SpaceQuery } from '../../domain/lists/space-list.js';
import type { Space } from '../../domain/model/space.js';
import type { Changes, ImageCatalogue, ImageList } from '../../domain/ports/image-catalogue.js';
import type { ChangesQuery } from '../../domain/ports/image-changes.js';
import { createLandmarks, LANDMARKS_CHARACTERS } from '../../sql/page-anchors.js';
import { createSpaceCache, isForMemory } from '../../sql/space-cache.js';
import { spaceKeys, spaceSource } from '../../sql/space-list.js';
import { attempt, attemptNow } from '../file/run-query.js';
import { SQLITE } from '../lists/dialect.js';
import { createListReader } from '../lists/list-reader.js';
import { createNameSearch, INDEXED_FROM_IMAGES } from '../names/name-search.js';
import { createHeldList } from './held-list.js';
import { createReadDescription } from './image-description.js';
import { createGroupCount } from './image-groups.js';
import {
  COLUMN_OF_KEY,
  IMAGE_COLUMNS,
  IMAGE_LENGTH,
  type ImageRow,
  imageFromRow,
  imageSource,
  rowsFor,
} from './image-rows.js';
import { createImageSearch } from './image-search.js';
import { imageWalk, MANY_TOMBSTONES_SQL } from './image-walk.js';
import { createJumpPreparation, type JumpList } from './jump-preparation.js';
import { createListChanges } from './list-changes.js';
import { createNameLookup } from './name-lookup.js';
import { isByName, pageOfNames } from './named-pages.js';
import { createOrderedPages } from './ordered-pages.js';
import { createSpaceContext } from './space-context.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

/**
 * Memory for the further pages of lists, in characters: some two hundred lists, each with its query and the most that
 * its landmarks take.
 */
const KNOWN_CHARACTERS = 8 * 1024 * 1024;

/** What is read of a list; a page in an order by numbers may have to wait until that is found out. */
type ImageRead = ImageList | { readonly space: Space; readonly isUnordered: true } | null;

interface KnownList extends JumpList {
  count: number | null;
}

/** Creates the readers' view of the configured spaces; a read-only connection serves it best. Rejects with OvadexError `index`. */
export function createImageCatalogue(
  db: Database,
  { orderedFrom = INDEXED_FROM_IMAGES }: { readonly orderedFrom?: number } = {},
): ImageCatalogue {
  const selectSpace = db
    .prepare<[string], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE user = ? AND is_configured = 1`)
    .raw();
  const selectSpaces = db
    .prepare<[string], SpaceRow>(
      `SELECT ${SPACE_COLUMNS} FROM spaces WHERE user IN (SELECT value FROM json_each(?)) AND is_configured = 1`,
    )
    .raw();
  const selectImage = db
    .prepare<[number, string], ImageRow>(
      `SELECT ${IMAGE_COLUMNS} FROM images JOIN spaces ON spaces.id = images.space
       WHERE images.id = ? AND images.missing_since IS NULL AND spaces.user = ? AND spaces.is_configured = 1`,
    )
    .raw();

  const readDescription = createReadDescription(db);

  const spaceNow = (user: string): Space | null => {
    const row = selectSpace.get(user);
    return row === undefined ? null : spaceFromRow(row);
  };

  const lists = createListReader(db);
  const names = createNameSearch(db);
  const countGroups = createGroupCount(db, lists);
  const known = new LRUCache<string, KnownList>({
    maxSize: KNOWN_CHARACTERS,
    sizeCalculation: (_list, key) => key.length + LANDMARKS_CHARACTERS,
  });
  /** Returns what is known of the filtered list at the revision of the space. */
  const knownOf = (space: Space, { nameContains, filter = [], sort }: ImageQuery): KnownList => {
    const key = JSON.stringify([space.id, space.revision, nameContains, filter, sort]);
    const list = known.get(key) ?? { count: null, landmarks: createLandmarks(), isPrepared: false };
    known.set(key, list);
    return list;
  };

  const selectKeyed = db
    .prepare<[number], [...ImageRow, string]>(
      `SELECT ${IMAGE_COLUMNS}, images.name_key FROM images
       WHERE images.space = ? AND images.missing_since IS NULL ORDER BY images.name_key, images.name, images.path`,
    )
    .raw();
  const readKeyed = (spaceId: number) =>
    selectKeyed.all(spaceId).map((keyed) => ({ image: imageFromRow(keyed), key: keyed[IMAGE_LENGTH] }));
  const cache = createSpaceCache();
  const changes = createChanges(db);
  const searchAll = createImageSearch(db, lists, { names, stampNow: changes.current });

  const selectManyTombstones = db.prepare<[], 1>(MANY_TOMBSTONES_SQL).pluck();
  const hasManyTombstones = () => selectManyTombstones.get() !== undefined;

  /** Answers from memory, if nobody had written between the reading of the space and this stamp. */
  const recall = (user: string, query: ImageQuery, stamp: number) => {
    const space = cache.space(user, stamp);
    const images = space && cache.images(space, query);
    return space && images && { space, images, place: wholePlace(images.length) };
  };

  const orderedPages = createOrderedPages(db, lists, orderedFrom);

  // One transaction, so that the revision is that of the rows.
  const readImages = db.transaction((user: string, query: ImageQuery, atMost: number, stamp: number): ImageRead => {
    const space = spaceNow(user);
    if (space === null) return null;
    cache.keepSpace(stamp, space);
    if (orderedPages.isFor(space, query)) return orderedPages.known(space, query) ?? { space, isUnordered: true };
    return readPlainly(space, query, atMost);
  });
  const searchNames = createNameLookup(db, lists, names);
  const readPlainly = (space: Space, query: ImageQuery, atMost: number): ImageList => {
    if (isForMemory(query) && cache.isWorthKeeping(space)) cache.keepImages(space, readKeyed(space.id));
    const kept = cache.images(space, query);
    if (kept !== null) return { space, images: kept, place: wholePlace(kept.length) };
    const isLarge = space.images >= INDEXED_FROM_IMAGES;
    const found = isLarge ? searchNames(space, query) : null;
    const { page } = query;
    const order = totalOrder(query.sort);
    const all = page !== undefined && isByName(order) ? found?.all() : null;
    if (all && page !== undefined) return pageOfNames(lists, space, { ...query, page }, all);
    const ids = found?.ids() ?? null;
    const source = imageSource(space.id, query, ids);
    // What may match is counted only if it may be too much: counting reads each image as well.
    const mayExceed = query.page === undefined && (ids?.length ?? space.images) > atMost;
    const list = query.page === undefined && !mayExceed ? undefined : knownOf(space, query);
    const total = () => {
      if (isUnfiltered(query)) return space.images;
      const hits = found?.all()?.hits;
      if (hits !== undefined) return hits.total;
      const count = list?.count ?? (isToldByGroups(query) ? countGroups(space, query) : lists.count(source));
      if (list !== undefined) list.count = count;
      return count;
    };
    if (mayExceed && total() > atMost) return { space, images: [], place: wholePlace(total()) };
    const { fromRow } = rowsFor(query);
    const keysOf = (row: ImageRow) => cursorAt('after', order, keyOf, fromRow(row)).keys;
    const isJump = isLarge && query.page?.cursor === null && isUnfiltered(query);
    const walk = isJump ? imageWalk(space.id, order, hasManyTombstones) : null;
    const landmarks = list && { of: list.landmarks, keysOf, walk };
    const { rows, place } = lists.read<ImageRow, SortKey>(source, order, COLUMN_OF_KEY, query.page, total, landmarks);
    return { space, images: rows.map(fromRow), place };
  };
  /** Reads a page whose order can't be found out in any other way. */
  const sortImages = db.transaction((user: string, query: ImageQuery): ImageList | null => {
    const space = spaceNow(user);
    return space && readPlainly(space, query, Number.POSITIVE_INFINITY);
  });

  const readUnordered = async (user: string, query: ImageQuery, space: Space) =>
    (await orderedPages.found(space, query)) ?? attempt(() => sortImages.deferred(user, query));

  const prepareJumps = createJumpPreparation(db, { lists, spaceNow, listOf: knownOf, hasManyTombstones });

  const readSpaces = db.transaction((query: SpaceQuery) => {
    const source = spaceSource(SQLITE, SPACE_COLUMNS, query);
    const order = orderOf(SPACE_LIST, query.sort);
    const { rows, place } = lists.read<SpaceRow, SpaceKey>(source, order, spaceKeys(SQLITE), query.page, () =>
      lists.count(source),
    );
    return { spaces: rows.map(spaceFromRow), place };
  });

  const listHeld = createHeldList(db, lists);
  const readHeld = db.transaction((user: string, query: HeldQuery) => {
    const space = spaceNow(user);
    if (space === null) return null;
    return { space, ...listHeld(space.id, query) };
  });

  const listChanges = createListChanges(db);
  const readChanges = db.transaction((user: string, query: ChangesQuery) => listChanges(spaceNow(user), query));

  const readContext = createSpaceContext(db);

  return {
    space: (user) => attempt(() => spaceNow(user)),
    spacesOf: (users) => attempt(() => selectSpaces.all(JSON.stringify(users)).map(spaceFromRow)),
    spaceContext: (spaces) => attempt(() => readContext(spaces)),
    listSpaces: (query = { sort: SPACE_LIST.byDefault }) => attempt(() => readSpaces.deferred(query)),
    async images(user, query, atMost = Number.POSITIVE_INFINITY, given?: number) {
      const found = attemptNow(() => {
        const stamp = given ?? changes.current();
        // The stamp is older than the transaction: what is kept under it may be newer than it says, never older.
        return recall(user, query, stamp) ?? readImages.deferred(user, query, atMost, stamp);
      });
      if (found === null) return null;
      if ('isUnordered' in found) return readUnordered(user, query, found.space);
      if (query.page !== undefined) prepareJumps(user, query, found.space);
      return found;
    },
    image: (user, id) =>
      attempt(() => {
        const row = selectImage.get(id, user);
        return row === undefined ? null : imageFromRow(row);
      }),
    description: (user, id) => attempt(() => readDescription.deferred(user, id)),
    changes: (user, query) => attempt(() => readChanges.deferred(user, query)),
    held: (user, query) => attempt(() => readHeld.deferred(user, query)),
    search: (query) => attempt(() => searchAll(query)),
  };
}

/** Creates the stamps of an index over one connection: both counts only rise, so their sum stays the same as long as both do. */
export function createChanges(db: Database): Changes {
  // Commits of other connections (https://sqlite.org/pragma.html#pragma_data_version), and rows that this one has written.
  const selectVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
  const selectOwn = db.prepare<[], number>('SELECT total_changes()').pluck();
  const version = () => selectVersion.get() ?? 0;
  return { current: db.readonly ? version : () => version() + (selectOwn.get() ?? 0) };
}

/** Returns the place of a whole list, which has nothing before or after it. */
function wholePlace(total: number): PagePlace {
  return { total, hasBefore: false, hasAfter: false };
}

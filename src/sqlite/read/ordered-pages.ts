import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { type ImageQuery, isUnfiltered, type SortKey, totalOrder } from '../../domain/lists/image-list.js';
import type { KeyTerm, KeyValue } from '../../domain/lists/order.js';
import { type PageRequest, placeOf } from '../../domain/lists/page.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Space } from '../../domain/model/space.js';
import type { ImageList } from '../../domain/ports/image-catalogue.js';
import { isStorable } from '../../sql/filter-sql.js';
import { attemptNow } from '../file/run-query.js';
import { openSnapshot } from '../file/snapshot.js';
import { createListReader, type ListReader } from '../lists/list-reader.js';
import {
  forwards,
  type IdRange,
  type KeysOfId,
  type OrderedIds,
  rangeBeside,
  rangeOfNumber,
  withChanged,
} from '../lists/ordered-ids.js';
import { type NumberOrder, numberOrder, orderImages } from './image-order.js';
import { COLUMN_OF_KEY, type ImageRow, imageSource, rowsFor } from './image-rows.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

/** Reads pages of long lists in orders by numbers, which no index has. */
export interface OrderedPages {
  /** Whether pages of a list are read here. */
  isFor(space: Space, query: ImageQuery): boolean;
  /**
   * Returns a page within the caller's transaction, in which the space was read; null if the order isn't known, or was so long ago
   * that finding out what has changed isn't worth while.
   */
  known(space: Space, query: ImageQuery): ImageList | null;
  /**
   * Finds out the order between other answers, and returns the page at a moment since the space was read, in which there is the space
   * as it was given, or as it is then. Null if the order can't be found out so.
   */
  found(space: Space, query: ImageQuery): Promise<ImageList | null>;
}

/** The most images of all lists whose order is kept, 4 bytes each: 16 MiB. */
const KEPT_IMAGES = 4 * 1024 * 1024;
/**
 * In a list with more images an order is not kept: while it is found out, it takes 30 to 70 bytes an image, in all some
 * 100 MB. One is found out at a time.
 */
const MOST_IMAGES = 2 * 1024 * 1024;
/** Up to so many changed images are put in their places, 50 µs each; if there are more, the order is found out anew. */
const FEW_CHANGED = 100;
export const CHANGED_SQL = `SELECT id, missing_since IS NULL FROM images INDEXED BY images_changed
  WHERE space = ? AND changed_in > ? LIMIT ${FEW_CHANGED + 1}`;

interface KeptOrder {
  readonly revision: number;
  readonly ids: OrderedIds;
}

/** A query's order as it is found out and kept, which serves its opposite, too. */
interface Ordering {
  readonly key: string;
  readonly order: readonly KeyTerm<SortKey>[];
  readonly isReversed: boolean;
  readonly numbers: NumberOrder;
}

/** An order that is being found out. */
interface Pending {
  /** Of the space, once it is read. */
  revision: number | null;
  readonly waiting: Waiting[];
}

interface Waiting {
  readonly space: Space;
  readonly query: ImageQuery;
  readonly resolve: (list: ImageList | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Creates the reader for lists of `fromImages` images or more. */
export function createOrderedPages(db: Database, lists: ListReader, fromImages: number): OrderedPages {
  const kept = new LRUCache<string, KeptOrder>({ maxSize: KEPT_IMAGES, sizeCalculation: ({ ids }) => ids.length + 1 });
  const allPending = new Map<string, Pending>();
  let last: Promise<void> = Promise.resolve();
  const selectChanged = db.prepare<[number, number], [id: number, isShown: 0 | 1]>(CHANGED_SQL).raw();

  /** Brings an order up to date; null if that would take longer than finding it out again. */
  const renewed = (space: Space, { order }: Ordering, { revision, ids }: KeptOrder): KeptOrder | null => {
    if (revision > space.revision) return null;
    const changed = selectChanged.all(space.id, revision);
    if (changed.length > FEW_CHANGED) return null;
    const shown = changed.filter(([, isShown]) => isShown === 1).map(([id]) => id);
    const now =
      changed.length === 0
        ? ids
        : withChanged(ids, order, keysIn(lists, space.id, order), new Set(changed.map(([id]) => id)), shown);
    // It has too many, if tombstones were deleted that had been images.
    return now.length === space.images ? { revision: space.revision, ids: now } : null;
  };

  const find = async (spaceId: number, ordering: Ordering, pending: Pending) => {
    const snapshot = attemptNow(() => openSnapshot(db.name));
    try {
      const space = attemptNow(() => spaceIn(snapshot, spaceId));
      pending.revision = space?.revision ?? null;
      const ids = space && (await finishBetween(orderImages(snapshot, space.id, ordering.numbers, space.images), db));
      const waiting = end(ordering, pending);
      if (ids === null || space === null) {
        for (const { resolve } of waiting) resolve(null);
        return;
      }
      kept.set(ordering.key, { revision: space.revision, ids });
      const reader = createListReader(snapshot);
      for (const { query, space: asked, resolve, reject } of waiting) {
        try {
          resolve(attemptNow(() => pageOf(reader, asked.revision === space.revision ? asked : space, query, ids)));
        } catch (error) {
          reject(error);
        }
        await setImmediate();
      }
    } finally {
      snapshot.close();
    }
  };
  /** Lets nobody else wait for it, and returns who does. */
  const end = ({ key }: Ordering, pending: Pending): readonly Waiting[] => {
    if (allPending.get(key) === pending) allPending.delete(key);
    return pending.waiting;
  };
  const start = (spaceId: number, ordering: Ordering): Pending => {
    const pending: Pending = { revision: null, waiting: [] };
    allPending.set(ordering.key, pending);
    last = last
      .then(() => find(spaceId, ordering, pending))
      .catch((error: unknown) => {
        for (const { reject } of end(ordering, pending)) reject(error);
      });
    return pending;
  };

  return {
    isFor: (space, query) =>
      query.page !== undefined &&
      isUnfiltered(query) &&
      space.images >= fromImages &&
      space.images <= MOST_IMAGES &&
      orderingOf(space, query) !== null,

    known(space, query) {
      const ordering = orderingOf(space, query);
      const before = ordering === null ? undefined : kept.get(ordering.key);
      if (ordering === null || before === undefined) return null;
      const now = before.revision === space.revision ? before : renewed(space, ordering, before);
      if (now === null) return null;
      if (now !== before) kept.set(ordering.key, now);
      return pageOf(lists, space, query, now.ids);
    },

    found(space, query) {
      const ordering = orderingOf(space, query);
      if (ordering === null) return Promise.resolve(null);
      const current = allPending.get(ordering.key);
      const isRecent = current !== undefined && (current.revision === null || current.revision === space.revision);
      const { waiting } = isRecent ? current : start(space.id, ordering);
      return new Promise((resolve, reject) => waiting.push({ space, query, resolve, reject }));
    },
  };
}

function orderingOf(space: Space, { sort }: ImageQuery): Ordering | null {
  const { order, isReversed } = forwards(totalOrder(sort));
  const numbers = numberOrder(order);
  return numbers && { key: JSON.stringify([space.id, order]), order, isReversed, numbers };
}

function spaceIn(snapshot: Database, spaceId: number): Space | null {
  const row = snapshot
    .prepare<[number], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE id = ? AND is_configured = 1`)
    .raw()
    .get(spaceId);
  return row === undefined ? null : spaceFromRow(row);
}

/** Does the steps of some work in turns of the event loop, as long as the index is open. */
async function finishBetween<T>(work: Generator<void, T>, db: Database): Promise<T> {
  for (;;) {
    const step = attemptNow(() => work.next());
    if (step.done === true) return step.value;
    await setImmediate();
    // It ends what it is reading.
    if (!db.open) work.throw(new OvadexError('index', 'the index was closed while a list was being ordered'));
  }
}

/** Returns what reads the keys of images; each once, as those in the middle of a list are compared with all that is looked for. */
function keysIn(lists: ListReader, spaceId: number, order: readonly KeyTerm<SortKey>[]): KeysOfId {
  const read = lists.keysById(imageSource(spaceId, { nameContains: [], sort: [] }, null), order, COLUMN_OF_KEY);
  const known = new Map<number, readonly KeyValue[]>();
  return (id) => {
    const keys = known.get(id) ?? read(id) ?? [];
    known.set(id, keys);
    return keys;
  };
}

/** Reads a page of a list by the ids of all its images. */
function pageOf(lists: ListReader, space: Space, query: ImageQuery, ids: OrderedIds): ImageList {
  const ordering = orderingOf(space, query);
  const { page } = query;
  if (page === undefined || ordering === null) throw new Error('not a page in an order by numbers');
  const { from, to, isMore } = rangeOf(lists, space, { page, ordering, ids });
  const source = imageSource(space.id, query, [...ids.subarray(from, to)]);
  const { rows } = lists.read<ImageRow, SortKey>(source, totalOrder(query.sort), COLUMN_OF_KEY, undefined, () => 0);
  const images = rows.map(rowsFor(query).fromRow);
  return { space, images, place: placeOf(page, space.images, images.length, isMore) };
}

function rangeOf(
  lists: ListReader,
  space: Space,
  {
    page,
    ordering: { order, isReversed },
    ids,
  }: { readonly page: PageRequest; readonly ordering: Ordering; readonly ids: OrderedIds },
): IdRange {
  if (page.cursor === null) return rangeOfNumber(page, ids.length, isReversed);
  const source = imageSource(space.id, { nameContains: [], sort: [] }, null);
  const { side, keys } = lists.cursorOf(source, order, COLUMN_OF_KEY, page.cursor);
  // A cursor that nobody was given.
  if (!keys.every(isStorable)) return { from: 0, to: 0, isMore: false };
  const isAfter = (side === 'after') !== isReversed;
  return rangeBeside(
    ids,
    order,
    keysIn(lists, space.id, order),
    { side: isAfter ? 'after' : 'before', keys },
    page.size,
  );
}

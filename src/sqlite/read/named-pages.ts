import { type ImageQuery, type SortKey, totalOrder } from '../../domain/lists/image-list.js';
import type { KeyTerm } from '../../domain/lists/order.js';
import { type PageRequest, placeOf } from '../../domain/lists/page.js';
import type { Space } from '../../domain/model/space.js';
import type { ImageList } from '../../domain/ports/image-catalogue.js';
import { isStorable } from '../../sql/filter-sql.js';
import type { ListReader } from '../lists/list-reader.js';
import { forwards, type IdRange, rangeOfNumber } from '../lists/ordered-ids.js';
import type { ChangedNames, NameKeysOf } from '../scan/changed-names.js';
import type { NameHits } from '../scan/name-hits.js';
import { COLUMN_OF_KEY, type ImageRow, imageSource, rowsFor } from './image-rows.js';

const BY_NAME = totalOrder([{ field: 'name', direction: 'asc' }]);

/** Images whose names were found in memory, and the names that they were found in. */
export interface FoundNames {
  readonly names: ChangedNames;
  readonly hits: NameHits;
}

/** Whether an order is that of names, or its opposite. */
export function isByName(order: readonly KeyTerm<SortKey>[]): boolean {
  return JSON.stringify(forwards(order).order) === JSON.stringify(BY_NAME);
}

/** Returns what reads the keys of a space's images by which they are ordered by name. */
export function nameKeysIn(lists: ListReader, spaceId: number): NameKeysOf {
  const read = lists.keysById(everyImage(spaceId), BY_NAME, COLUMN_OF_KEY);
  return (id) => read(id) ?? [];
}

/** Reads a page of what was found in the order of names, or in its opposite. */
export function pageOfNames(
  lists: ListReader,
  space: Space,
  query: ImageQuery & { readonly page: PageRequest },
  found: FoundNames,
): ImageList {
  const { from, to, isMore } = rangeOf(lists, space, query, found);
  const source = imageSource(space.id, query, found.hits.ids(from, to));
  const order = totalOrder(query.sort);
  const { rows } = lists.read<ImageRow, SortKey>(source, order, COLUMN_OF_KEY, undefined, () => 0);
  const images = rows.map(rowsFor(query).fromRow);
  return { space, images, place: placeOf(query.page, found.hits.total, images.length, isMore) };
}

function rangeOf(
  lists: ListReader,
  space: Space,
  { page, sort }: ImageQuery & { readonly page: PageRequest },
  { names, hits }: FoundNames,
): IdRange {
  const { isReversed } = forwards(totalOrder(sort));
  if (page.cursor === null) return rangeOfNumber(page, hits.total, isReversed);
  const { side, keys } = lists.cursorOf(everyImage(space.id), totalOrder(sort), COLUMN_OF_KEY, page.cursor);
  // A cursor that nobody was given.
  if (!keys.every(isStorable)) return { from: 0, to: 0, isMore: false };
  const isAfter = (side === 'after') !== isReversed;
  const at = hits.countUpTo(names.lastBefore(keys, isAfter));
  if (!isAfter) return { from: Math.max(0, at - page.size), to: at, isMore: at > page.size };
  return { from: at, to: Math.min(hits.total, at + page.size), isMore: at + page.size < hits.total };
}

function everyImage(spaceId: number) {
  return imageSource(spaceId, { nameContains: [], sort: [] }, null);
}

import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import {
  isOfTroubled,
  isPagedFamily,
  MAX_SEARCHED,
  SEARCH_LIST,
  type SearchKey,
  type SearchQuery,
  tooManyToSearch,
} from '../../domain/lists/image-search.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { FoundImages } from '../../domain/ports/image-catalogue.js';
import type { Condition } from '../../sql/dialect.js';
import { filterConditions } from '../../sql/filter-sql.js';
import { textConditions, textsIn } from '../../sql/image-columns.js';
import { searchedImages, searchFields, searchKeys, searchSource } from '../../sql/image-search.js';
import type { ListSource } from '../../sql/list-sql.js';
import { SQLITE } from '../lists/dialect.js';
import type { ListReader } from '../lists/list-reader.js';
import type { NameSearch } from '../names/name-search.js';
import { type ImageRow, imagesByIds, rowsFor } from './image-rows.js';
import { SHOWN_STATE_SQL } from './short-rows.js';

type FoundRow = readonly [...ImageRow, ...short: unknown[], user: string];

const SEARCH_COLUMNS = searchFields(SQLITE);
export const SEARCH_KEY_COLUMNS = searchKeys(SQLITE);

/** How the images of a query are found: one by one, if `ids` is null in the spaces that it names, or out of an index. */
type Way =
  | { readonly kind: 'one by one'; readonly ids: readonly number[] | null }
  | { readonly kind: 'family' | 'troubled' };

const ONE_BY_ONE: Way = { kind: 'one by one', ids: null };
/** So many names are looked up sooner than 10,000 spaces are asked how many images they have. */
const FEW_NAMES = 1_000;
/** Families are few, and what is asked for along with them hardly differs. */
const COUNTS = 200;

/**
 * Searches the images of all configured spaces; `stampNow` is that of `Changes`. Throws OvadexError `usage` if too many would
 * have to be checked.
 */
export function createImageSearch(
  db: Database,
  lists: ListReader,
  { names, stampNow }: { readonly names: NameSearch; readonly stampNow: () => number },
): (query: SearchQuery) => FoundImages {
  // A million images of a family are counted in some 50 ms.
  const counts = new LRUCache<string, { readonly stamp: number; readonly count: number }>({ max: COUNTS });
  const countOfFamily = (query: SearchQuery, stamp: number): number => {
    const key = JSON.stringify([query.nameContains, query.filter]);
    const known = counts.get(key);
    if (known?.stamp === stamp) return known.count;
    const count = lists.count(familySource(query));
    counts.set(key, { stamp, count });
    return count;
  };

  const wayTo = (query: SearchQuery): Way => {
    const texts = textsIn(query.nameContains, query.filter);
    const few = names.candidates(texts, null, FEW_NAMES);
    if (few !== null) return { kind: 'one by one', ids: few };
    const inSpaces = lists.sum(searchedImages(SQLITE, query));
    if (inSpaces <= MAX_SEARCHED) return ONE_BY_ONE;
    const ids = names.candidates(texts, null, MAX_SEARCHED);
    if (ids !== null) return { kind: 'one by one', ids };
    if (isPagedFamily(query)) return { kind: 'family' };
    if (isOfTroubled(query) && lists.count(troubledSource(query)) <= MAX_SEARCHED) return { kind: 'troubled' };
    throw tooManyToSearch(inSpaces);
  };

  // One transaction, so that all of it is true of one moment.
  const search = db.transaction((query: SearchQuery, stamp: number): FoundImages => {
    const way = wayTo(query);
    const source = foundImages(query, way);
    const order = orderOf(SEARCH_LIST, query.sort);
    const total = () => (way.kind === 'family' ? countOfFamily(query, stamp) : lists.count(source));
    const { rows, place } = lists.read<FoundRow, SearchKey>(source, order, SEARCH_KEY_COLUMNS, query.page, total);
    const { fromRow } = rowsFor(query);
    const images = rows.map((row) => Object.assign(fromRow(row), { user: row.at(-1) as string }));
    return { images, place };
  });
  // The stamp is older than the transaction: what is kept under it may be newer than it says, never older.
  return (query) => search.deferred(query, stampNow());
}

const TROUBLED = 'images INDEXED BY images_troubled';

/** Selects the images in the states of a query, none of which deploys, for counting them out of the index alone. */
function troubledSource({ filter = [] }: SearchQuery): ListSource {
  const states = filter.filter(({ field }) => field === 'state');
  return {
    columns: 'images.id',
    from: { sql: TROUBLED, parameters: [] },
    conditions: [
      { sql: `${SHOWN_STATE_SQL} > 1 AND images.missing_since IS NULL`, parameters: [] },
      ...filterConditions(SQLITE, states, SEARCH_COLUMNS),
    ],
  };
}

/** Selects the images of a family for counting them, out of the index alone. */
export function familySource({ nameContains, filter = [] }: SearchQuery): ListSource {
  return {
    columns: 'images.id',
    from: { sql: 'images INDEXED BY families', parameters: [] },
    conditions: [
      {
        sql: 'images.missing_since IS NULL AND images.space NOT IN (SELECT id FROM spaces WHERE is_configured = 0)',
        parameters: [],
      },
      ...textConditions(SQLITE, nameContains),
      ...filterConditions(SQLITE, filter, SEARCH_COLUMNS),
    ],
  };
}

/** Returns the tables of a search, in the order in which they are read, and what the way to them requires. */
function tablesOf(way: Way): { readonly from: Condition; readonly sql: string } {
  const tables = (sql: string): Condition => ({ sql, parameters: [] });
  switch (way.kind) {
    case 'family':
      return { from: withSpaces(tables('images INDEXED BY families')), sql: '' };
    case 'troubled':
      return { from: withSpaces(tables(TROUBLED)), sql: ` AND ${SHOWN_STATE_SQL} > 1` };
    case 'one by one':
      return way.ids === null
        ? { from: tables('spaces CROSS JOIN images ON images.space = spaces.id'), sql: '' }
        : { from: withSpaces(imagesByIds(way.ids)), sql: '' };
  }
}

/** Selects the images of all spaces that match a query. */
export function foundImages(query: SearchQuery, way: Way): ListSource {
  const { from, sql } = tablesOf(way);
  return searchSource(SQLITE, { columns: `${rowsFor(query).columns}, spaces.user`, from, where: sql }, query);
}

function withSpaces({ sql, parameters }: Condition): Condition {
  return { sql: `${sql} CROSS JOIN spaces ON spaces.id = images.space`, parameters };
}

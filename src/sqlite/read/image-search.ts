import type { Database } from 'better-sqlite3';
import type { FilterTerm } from '../../domain/lists/filter.js';
import {
  MAX_SEARCHED,
  SEARCH_LIST,
  type SearchField,
  type SearchKey,
  type SearchQuery,
  tooManyToSearch,
} from '../../domain/lists/image-search.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { FoundImages } from '../../domain/ports/image-catalogue.js';
import { type Condition, type FieldColumns, filterConditions } from '../lists/filter-sql.js';
import type { ListReader } from '../lists/list-reader.js';
import type { KeyColumns, ListSource } from '../lists/list-sql.js';
import type { NameSearch } from '../names/name-search.js';
import {
  COLUMN_OF_FIELD,
  COLUMN_OF_KEY,
  type ImageRow,
  imagesByIds,
  rowsFor,
  textConditions,
  textsIn,
} from './image-rows.js';

type FoundRow = readonly [...ImageRow, ...short: unknown[], user: string];

const SEARCH_COLUMNS: FieldColumns<SearchField> = { ...COLUMN_OF_FIELD, user: { kind: 'text', column: 'spaces.user' } };
export const SEARCH_KEY_COLUMNS: KeyColumns<SearchKey> = { ...COLUMN_OF_KEY, user: 'spaces.user' };

/** Searches the images of all configured spaces. Throws OvadexError `usage` if too many would have to be checked. */
export function createImageSearch(
  db: Database,
  lists: ListReader,
  names: NameSearch,
): (query: SearchQuery) => FoundImages {
  const idsFor = (query: SearchQuery): readonly number[] | null => {
    const inSpaces = lists.sum(spaceSource(query));
    if (inSpaces <= MAX_SEARCHED) return null;
    const ids = names.candidates(textsIn(query.nameContains, query.filter), null, MAX_SEARCHED);
    if (ids !== null) return ids;
    throw tooManyToSearch(inSpaces);
  };

  // One transaction, so that all of it is true of one moment.
  const search = db.transaction((query: SearchQuery): FoundImages => {
    const source = searchSource(query, idsFor(query));
    const order = orderOf(SEARCH_LIST, query.sort);
    const { rows, place } = lists.read<FoundRow, SearchKey>(source, order, SEARCH_KEY_COLUMNS, query.page, () =>
      lists.count(source),
    );
    const { fromRow } = rowsFor(query);
    const images = rows.map((row) => Object.assign(fromRow(row), { user: row.at(-1) as string }));
    return { images, place };
  });
  return (query) => search.deferred(query);
}

/** Selects the images of all spaces that match a query: among these ids, or in the spaces that it names. */
export function searchSource(query: SearchQuery, ids: readonly number[] | null): ListSource {
  const from: Condition =
    ids === null
      ? { sql: 'spaces CROSS JOIN images ON images.space = spaces.id', parameters: [] }
      : withSpaces(imagesByIds(ids));
  return {
    columns: `${rowsFor(query).columns}, spaces.user`,
    from,
    conditions: [
      { sql: 'spaces.is_configured = 1 AND images.missing_since IS NULL', parameters: [] },
      ...textConditions(query.nameContains),
      ...filterConditions(query.filter ?? [], SEARCH_COLUMNS),
    ],
    anchors: {
      id: 'images.id',
      from: 'images JOIN spaces ON spaces.id = images.space',
      conditions: [
        { sql: 'spaces.is_configured = 1', parameters: [] },
        ...filterConditions(ofUser(query), SEARCH_COLUMNS),
      ],
    },
  };
}

/** Returns the conditions on the images' users. */
function ofUser({ filter = [] }: SearchQuery): readonly FilterTerm<SearchField>[] {
  return filter.filter(({ field }) => field === 'user');
}

function withSpaces({ sql, parameters }: Condition): Condition {
  return { sql: `${sql} CROSS JOIN spaces ON spaces.id = images.space`, parameters };
}

/** Counts the images of the spaces that a query names. */
function spaceSource(query: SearchQuery): ListSource {
  return {
    columns: 'coalesce(sum(spaces.images), 0)',
    from: { sql: 'spaces', parameters: [] },
    conditions: [{ sql: 'is_configured = 1', parameters: [] }, ...filterConditions(ofUser(query), SEARCH_COLUMNS)],
  };
}

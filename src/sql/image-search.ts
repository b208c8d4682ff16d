import type { FilterTerm } from '../domain/lists/filter.js';
import type { SearchField, SearchKey, SearchQuery } from '../domain/lists/image-search.js';
import type { Condition, Dialect } from './dialect.js';
import { type FieldColumns, filterConditions } from './filter-sql.js';
import { imageFields, imageKeys, textConditions } from './image-columns.js';
import type { KeyColumns, ListSource } from './list-sql.js';

/** The columns that found images are ordered by. */
export function searchKeys(dialect: Dialect): KeyColumns<SearchKey> {
  return { ...imageKeys(dialect), user: `spaces.${dialect.user}` };
}

/** The columns that found images are filtered by. */
export function searchFields(dialect: Dialect): FieldColumns<SearchField> {
  return { ...imageFields(dialect), user: { kind: 'text', column: `spaces.${dialect.user}` } };
}

/** Selects the images of all spaces that match a query, from `images` and `spaces` as they are joined there. */
export function searchSource(
  dialect: Dialect,
  { columns, from, where }: { readonly columns: string; readonly from: Condition; readonly where: string },
  query: SearchQuery,
): ListSource {
  const isConfigured = dialect.isTrue('spaces.is_configured');
  const fields = searchFields(dialect);
  return {
    columns,
    from,
    conditions: [
      { sql: `${isConfigured} AND images.missing_since IS NULL${where}`, parameters: [] },
      ...textConditions(dialect, query.nameContains),
      ...filterConditions(dialect, query.filter ?? [], fields),
    ],
    anchors: {
      id: 'images.id',
      from: 'images JOIN spaces ON spaces.id = images.space',
      conditions: [{ sql: isConfigured, parameters: [] }, ...filterConditions(dialect, ofUser(query), fields)],
    },
  };
}

/** Counts the images of the spaces that a query names. */
export function searchedImages(dialect: Dialect, query: SearchQuery): ListSource {
  return {
    columns: 'coalesce(sum(spaces.images), 0)',
    from: { sql: 'spaces', parameters: [] },
    conditions: [
      { sql: dialect.isTrue('is_configured'), parameters: [] },
      ...filterConditions(dialect, ofUser(query), searchFields(dialect)),
    ],
  };
}

/** Returns the conditions on the images' users. */
function ofUser({ filter = [] }: SearchQuery): readonly FilterTerm<SearchField>[] {
  return filter.filter(({ field }) => field === 'user');
}

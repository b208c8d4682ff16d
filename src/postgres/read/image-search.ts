import {
  type FoundImage,
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
import { isStorable } from '../../sql/filter-sql.js';
import { textsIn } from '../../sql/image-columns.js';
import { searchedImages, searchKeys, searchSource } from '../../sql/image-search.js';
import { rowsSql } from '../../sql/list-sql.js';
import type { Session } from '../connection/database.js';
import { literal, POSTGRES } from '../lists/dialect.js';
import { countList, readList, sumList } from '../lists/list-reader.js';
import { type ImageRow, rowsFor, SHOWN_STATE_SQL, type ShortRow } from './image-rows.js';

type FoundRow = ImageRow & ShortRow & { readonly user: string };

const SEARCH_KEY_COLUMNS = searchKeys(POSTGRES);

/** Where a search looks: the tables that it reads, and what leads to their rows. */
interface Way {
  readonly from: Condition;
  readonly where: string;
}

const ONE_BY_ONE: Way = {
  from: { sql: 'images JOIN spaces ON spaces.id = images.space', parameters: [] },
  where: '',
};
/** Those that don't deploy, of which there are few, in the words of their index. */
const TROUBLED: Way = { ...ONE_BY_ONE, where: ` AND ${SHOWN_STATE_SQL} > 1` };
/** The fewest characters that a text is found by. */
const TRIGRAM = 3;

/**
 * Searches the images of all configured spaces. Rejects with OvadexError `usage` if too many would have to be checked. To see
 * a single moment, call it within `Database.read`.
 */
export async function searchImages(session: Session, query: SearchQuery): Promise<FoundImages> {
  const way = await wayTo(session, query);
  const { columns, fromRow } = rowsFor(query);
  const source = searchSource(POSTGRES, { columns: `${columns}, spaces.user_name AS "user"`, ...way }, query);
  const list = { source, order: orderOf(SEARCH_LIST, query.sort), columnOf: SEARCH_KEY_COLUMNS };
  const { rows, place } = await readList<FoundRow, SearchKey>(session, list, query.page);
  return { images: rows.map((row): FoundImage => Object.assign(fromRow(row), { user: row.user })), place };
}

async function wayTo(session: Session, query: SearchQuery): Promise<Way> {
  const inSpaces = await sumList(session, searchedImages(POSTGRES, query));
  if (inSpaces <= MAX_SEARCHED) return ONE_BY_ONE;
  const named = wayByNames(textsIn(query.nameContains, query.filter));
  if (named !== null && (await hasFew(session, named, { ...query, filter: [] }))) return named;
  // In the order of an index that has families by name.
  if (isPagedFamily(query)) return ONE_BY_ONE;
  if (isOfTroubled(query) && (await hasFew(session, TROUBLED, query))) return TROUBLED;
  throw tooManyToSearch(inSpaces);
}

/** Returns the way to images by texts in their names, over the index of trigrams; null if all texts are too short for that. */
function wayByNames(texts: readonly string[]): Way | null {
  const found = texts.filter((text) => text.length >= TRIGRAM && isStorable(text));
  if (found.length === 0) return null;
  const conditions = found.map(() => ' AND name_key LIKE ?').join('');
  return {
    ...ONE_BY_ONE,
    from: {
      // Apart, so that nothing else seems to be the quicker way.
      sql: `(SELECT * FROM images WHERE missing_since IS NULL${conditions} OFFSET 0) AS images
        JOIN spaces ON spaces.id = images.space`,
      parameters: found.map((text) => `%${literal(text)}%`),
    },
  };
}

/** Whether a way leads to few enough images. */
async function hasFew(session: Session, way: Way, query: SearchQuery): Promise<boolean> {
  const { sql, parameters } = rowsSql(searchSource(POSTGRES, { columns: '1', ...way }, query));
  const found = { sql: `(${sql} LIMIT ?) AS found`, parameters: [...parameters, MAX_SEARCHED + 1] };
  return (await countList(session, { columns: '1', from: found, conditions: [] })) <= MAX_SEARCHED;
}

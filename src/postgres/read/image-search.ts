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
import { textsIn } from '../../sql/image-columns.js';
import { searchedImages, searchKeys, searchSource } from '../../sql/image-search.js';
import { type ListSource, rowsSql } from '../../sql/list-sql.js';
import type { Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { countList, readList, sumList } from '../lists/list-reader.js';
import { findNames } from '../lists/name-search.js';
import { amongIds, type ImageRow, rowsFor, SHOWN_STATE_SQL, type ShortRow } from './image-rows.js';

type FoundRow = ImageRow & ShortRow & { readonly user: string };

const SEARCH_KEY_COLUMNS = searchKeys(POSTGRES);

/** What leads to the images of a query: these ids, or a condition. */
interface Way {
  readonly ids: readonly number[] | null;
  readonly where: string;
}

const ONE_BY_ONE: Way = { ids: null, where: '' };
/** Those that don't deploy, of which there are few, in the words of their index. */
const TROUBLED: Way = { ids: null, where: ` AND ${SHOWN_STATE_SQL} > 1` };

/**
 * Searches the images of all configured spaces. Rejects with OvadexError `usage` if too many would have to be checked. To see
 * a single moment, call it within `Database.read`.
 */
export async function searchImages(session: Session, query: SearchQuery): Promise<FoundImages> {
  const way = await wayTo(session, query);
  const { columns, fromRow } = rowsFor(query);
  const source = foundBy(way, `${columns}, spaces.user_name AS "user"`, query);
  const list = { source, order: orderOf(SEARCH_LIST, query.sort), columnOf: SEARCH_KEY_COLUMNS };
  const { rows, place } = await readList<FoundRow, SearchKey>(session, list, query.page);
  return { images: rows.map((row): FoundImage => Object.assign(fromRow(row), { user: row.user })), place };
}

/** So many names are looked up sooner than all spaces are asked how many images they have. */
const FEW_NAMES = 1_000;

async function wayTo(session: Session, query: SearchQuery): Promise<Way> {
  const texts = textsIn(query.nameContains, query.filter);
  const few = await findNames(session, texts, null, FEW_NAMES);
  if (few !== null) return { ids: few, where: '' };
  const inSpaces = await sumList(session, searchedImages(POSTGRES, query));
  if (inSpaces <= MAX_SEARCHED) return ONE_BY_ONE;
  const ids = await findNames(session, texts, null, MAX_SEARCHED);
  if (ids !== null) return { ids, where: '' };
  // In the order of an index that has families by name.
  if (isPagedFamily(query)) return ONE_BY_ONE;
  if (isOfTroubled(query) && (await hasFewTroubled(session, query))) return TROUBLED;
  throw tooManyToSearch(inSpaces);
}

function foundBy({ ids, where }: Way, columns: string, query: SearchQuery): ListSource {
  const from = { sql: 'images JOIN spaces ON spaces.id = images.space', parameters: [] };
  const source = searchSource(POSTGRES, { columns, from, where }, query);
  return { ...source, conditions: [...source.conditions, ...amongIds(ids)] };
}

/** Whether few enough images are in the states of a query, none of which deploys. */
async function hasFewTroubled(session: Session, { filter = [], sort }: SearchQuery): Promise<boolean> {
  const states = filter.filter(({ field }) => field === 'state');
  const { sql, parameters } = rowsSql(foundBy(TROUBLED, '1', { nameContains: [], filter: states, sort }));
  const from = { sql: `(${sql} LIMIT ?) AS found`, parameters: [...parameters, MAX_SEARCHED + 1] };
  return (await countList(session, { columns: '1', from, conditions: [] })) <= MAX_SEARCHED;
}

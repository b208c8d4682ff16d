import type { DescribedImage } from '../description/short-description.js';
import { OvadexError } from '../model/errors.js';
import { counted } from '../text/counted.js';
import { matchesFilter } from './filter.js';
import { fieldOf, holdsTexts, IMAGE_FIELDS, IMAGE_LIST, type ImageField, keyOf, type SortKey } from './image-list.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';

/** An image found among those of all spaces. */
export interface FoundImage extends DescribedImage {
  /** The owner of its space. */
  readonly user: string;
}

export type SearchField = ImageField | 'user';
export type SearchKey = SortKey | 'user';

/** A validated query for the images of all spaces. */
export interface SearchQuery extends ListQuery<SearchField> {
  /** Texts that must occur in the name, as in `ImageQuery`. */
  readonly nameContains: readonly string[];
  /** As in `ImageQuery`. */
  readonly withShort?: boolean;
}

/** The images of all spaces; the same path may be in several. */
export const SEARCH_LIST: ListGrammar<SearchField, SearchKey> = {
  fields: { ...IMAGE_FIELDS, user: 'text' },
  keysOfField: { ...IMAGE_LIST.keysOfField, user: ['user'] },
  keyTypes: { ...IMAGE_LIST.keyTypes, user: 'text' },
  byDefault: IMAGE_LIST.byDefault,
  tieBreak: ['path', 'id'],
};

/**
 * A search checks no more images than this one by one, so that no answer takes long: sorted, they take some 0.1 s. A
 * query that would have to check more must be narrowed.
 */
export const MAX_SEARCHED = 50_000;

/** What an index of families tells without a look at the image itself. */
const TOLD_BY_FAMILY: ReadonlySet<SearchField> = new Set(['name', 'family', 'state', 'settled', 'cpus', 'memory_mib']);

/**
 * Whether a query can be answered page by page out of an index of families, however many images there are: it asks for one
 * family, in the order of names, and for nothing else that only the images tell.
 */
export function isPagedFamily({ filter = [], sort, page }: SearchQuery): boolean {
  const isOfOne = filter.some(({ field, operator }) => field === 'family' && operator === 'eq');
  return (
    isOfOne &&
    page !== undefined &&
    sort.every(({ field }) => field === 'name') &&
    filter.every(({ field }) => TOLD_BY_FAMILY.has(field))
  );
}

/** Whether a query asks only for images that can't be deployed, of which there are few. */
export function isOfTroubled({ filter = [] }: SearchQuery): boolean {
  return filter.some((term) => {
    if (term.field !== 'state') return false;
    const states = term.operator === 'in' ? term.values : term.operator === 'eq' ? [term.value] : [];
    return states.length > 0 && states.every((state) => state === 'broken' || state === 'incomplete');
  });
}

/** Returns the refusal of a search among so many images of the spaces that a query names. */
export function tooManyToSearch(images: number): OvadexError {
  const how = `narrow them to at most ${MAX_SEARCHED} by name= with three or more characters, by filter=user,eq,... or by filter=state,eq,broken; or ask for pages by name with filter=family,eq,...`;
  return new OvadexError(
    'usage',
    `name: the ${counted(images, 'image')} of these spaces are too many to search; ${how}`,
  );
}

/** Whether a found image matches the query. */
export function matchesFound({ nameContains, filter = [] }: Omit<SearchQuery, 'sort'>, image: FoundImage): boolean {
  const read = (field: SearchField) => (field === 'user' ? image.user : fieldOf(image, field));
  return holdsTexts(image, nameContains) && matchesFilter(SEARCH_LIST.fields, filter, read);
}

export function searchKeyOf(image: FoundImage, key: SearchKey): KeyValue {
  return key === 'user' ? image.user : keyOf(image, key);
}

import type { DescribedImage } from '../description/short-description.js';
import { OvadexError } from '../model/errors.js';
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

/** Returns the refusal of a search among so many images of the spaces that a query names. */
export function tooManyToSearch(images: number): OvadexError {
  const how = `narrow them to at most ${MAX_SEARCHED} by name= with three or more characters, or by filter=user,eq,...`;
  return new OvadexError('usage', `name: the ${images} images of these spaces are too many to search; ${how}`);
}

/** Whether a found image matches the query. */
export function matchesFound({ nameContains, filter = [] }: Omit<SearchQuery, 'sort'>, image: FoundImage): boolean {
  const read = (field: SearchField) => (field === 'user' ? image.user : fieldOf(image, field));
  return holdsTexts(image, nameContains) && matchesFilter(SEARCH_LIST.fields, filter, read);
}

export function searchKeyOf(image: FoundImage, key: SearchKey): KeyValue {
  return key === 'user' ? image.user : keyOf(image, key);
}

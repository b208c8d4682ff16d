import type { ImageState } from '../model/image.js';
import { type FilterTerm, matchesFilter } from './filter.js';
import { IMAGE_FIELDS, type ImageField, type ImageQuery } from './image-list.js';
import type { KeyValue } from './order.js';

/** What the groups of a space tell of their images, see `image_groups`. */
const TOLD: ReadonlySet<ImageField> = new Set(['state', 'settled', 'family', 'cpus', 'memory_mib', 'disk_count']);

/** Whether the groups of a space tell how many of its images match a query. */
export function isToldByGroups({ nameContains, filter = [] }: Pick<ImageQuery, 'nameContains' | 'filter'>): boolean {
  return nameContains.length === 0 && filter.every(({ field }) => TOLD.has(field));
}

/** Whether a filter that groups can tell matches images that haven't been read, which are in no group. */
export function matchesUnread(filter: readonly FilterTerm<ImageField>[], isSettled: boolean): boolean {
  const read = (field: ImageField): KeyValue => {
    if (field === 'settled') return `${isSettled}`;
    if (field === 'state') return isSettled ? 'unknown' : 'uploading';
    return null;
  };
  return matchesFilter(IMAGE_FIELDS, filter, read);
}

/** Returns the state that a filter asks for if images in it can't be deployed, of which there are mostly few; else null. */
export function troubleIn(filter: readonly FilterTerm<ImageField>[]): ImageState | null {
  for (const term of filter) {
    if (term.operator !== 'eq') continue;
    const { field, value } = term;
    if (field === 'settled' && value === 'false') return 'uploading';
    if (field === 'state' && (value === 'incomplete' || value === 'uploading' || value === 'broken')) return value;
  }
  return null;
}

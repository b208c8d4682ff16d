import { type ImageResource, isImageName } from '../../domain/model/image.js';
import { isWithin, nameOf, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import { createHrefReader } from '../multistatus/href.js';
import { kindOf, parseModified } from '../multistatus/properties.js';
import { errorOf, imageOf, quoteHref } from '../multistatus/resource.js';
import type { MultistatusResponse } from '../multistatus/response.js';
import type { SearchPlace } from './place.js';

/** Gathers the pages of an answer and finds where they contradict each other. */
export interface SearchAnswer {
  add(response: MultistatusResponse): void;
  /** Ends a page of at most `limit` entries and returns how to go on. */
  endPage(limit: number): NextPage;
  images(): readonly ImageResource[];
  /** How the answer contradicts itself; null if it doesn't. */
  doubt(): string | null;
}

export type NextPage =
  | { readonly kind: 'last' }
  | { readonly kind: 'next'; readonly since: number }
  /** The page has a single date, so that only a longer one leads past it. */
  | { readonly kind: 'longer' };

const LAST: NextPage = { kind: 'last' };
const LONGER: NextPage = { kind: 'longer' };
const nextFrom = (since: number): NextPage => ({ kind: 'next', since });

/** Limits how many entries are remembered to be compared with the next page: those with the last date of a page. */
const MOST_COMPARED = 1_000;

export function createSearchAnswer(
  { base, below }: SearchPlace,
  exclude: (path: ResourcePath) => boolean,
): SearchAnswer {
  const pathOf = createHrefReader(base, ROOT);
  const root = below === '' ? ROOT : (pathOf(`${base}${below}`) as ResourcePath);
  const prefix = root === ROOT ? 0 : root.length + 1;
  const images = new Map<ResourcePath, ImageResource>();
  const excluded = new Map<ResourcePath, boolean>([[ROOT, false]]);
  let doubt: string | null = null;
  /** Entries of the current page, of any kind. */
  let entries = 0;
  let first: number | null = null;
  let last: number | null = null;
  let isInOrder = true;
  let atLast: string[] = [];
  /** Hrefs that this page has to repeat, since the one before ended with them. */
  let toRepeat = new Set<string>();

  const isExcluded = (collection: ResourcePath): boolean => {
    const known = excluded.get(collection);
    if (known !== undefined) return known;
    const is = exclude(collection) || isExcluded(parentOf(collection));
    excluded.set(collection, is);
    return is;
  };
  const noteDate = (modifiedAt: number | null, href: string) => {
    first ??= modifiedAt;
    if (modifiedAt === null || (last !== null && modifiedAt < last)) isInOrder = false;
    else if (modifiedAt !== last) {
      last = modifiedAt;
      atLast = [];
    }
    if (atLast.length < MOST_COMPARED) atLast.push(href);
  };

  return {
    add(response) {
      entries++;
      const { href } = response;
      toRepeat.delete(href);
      const path = pathOf(href);
      if (typeof path === 'object') {
        if (path.isOutside) doubt ??= `${quoteHref(href)} lies outside of what was searched`;
        return;
      }
      const image = imageOf(response, path);
      noteDate(parseModified(response.lastModified), href);
      if (errorOf(response) !== null || kindOf(response) !== 'file' || !isImageName(nameOf(path))) return;
      if (path === root || !isWithin(path, root)) return;
      const own = path.slice(prefix) as ResourcePath;
      if (exclude(own) || isExcluded(parentOf(own))) return;
      images.set(own, own === path ? image : { ...image, path: own });
    },
    endPage(limit) {
      const [missing] = toRepeat;
      if (missing !== undefined) doubt ??= `${quoteHref(missing)} is missing from a page that begins with its date`;
      // What a user may not see is left out after the storage has counted, so a page that is not full may be cut all
      // the same; one that is not half full is taken to be the last.
      const isLast = entries < limit / 2;
      if (!isLast && !isInOrder) doubt ??= 'it is not in the order that was asked for';
      const next = isLast || doubt !== null || last === null ? LAST : first === last ? LONGER : nextFrom(last);
      toRepeat = new Set(next.kind === 'last' ? [] : atLast);
      entries = 0;
      first = null;
      last = null;
      isInOrder = true;
      atLast = [];
      return next;
    },
    images: () => [...images.values()],
    doubt: () => doubt,
  };
}

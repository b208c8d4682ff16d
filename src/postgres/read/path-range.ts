import { type ResourcePath, ROOT } from '../../domain/model/path.js';

/** The range `path >= from AND path < to`: everything below a collection, in a form that an index serves. */
export interface PathRange {
  readonly from: string;
  readonly to: string;
}

/** Comes after every path: these are 256 bytes of the last code point, and storages have names of 255 at most. */
const AFTER_ALL = '\u{10FFFF}'.repeat(64);

/** Returns the range below a collection: `0` is the character after `/`. */
export function rangeBelow(collection: ResourcePath): PathRange {
  return collection === ROOT ? { from: '', to: AFTER_ALL } : { from: `${collection}/`, to: `${collection}0` };
}

/** Returns the ranges below collections as the arrays of a statement. */
export function rangesBelow(collections: readonly ResourcePath[]): [from: readonly string[], to: readonly string[]] {
  const ranges = collections.map(rangeBelow);
  return [ranges.map(({ from }) => from), ranges.map(({ to }) => to)];
}

import { type ResourcePath, ROOT } from '../../domain/model/path.js';

/** The range `path >= from AND path < to`: everything below a collection, in a form that an index serves. */
export type PathRange = readonly [from: string, to: string | Buffer];

/**
 * Returns the range below a collection: `0` is the character after `/`. Below the root lies every path: SQLite orders
 * all texts before a BLOB.
 */
export function rangeBelow(collection: ResourcePath): PathRange {
  return collection === ROOT ? ['', Buffer.alloc(0)] : [`${collection}/`, `${collection}0`];
}

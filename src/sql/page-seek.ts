import type { Cursor } from '../domain/lists/cursor.js';
import type { KeyTerm } from '../domain/lists/order.js';
import type { KeyColumns, ListSource, Slice } from './list-sql.js';
import { type Landmarks, STRIDES } from './page-anchors.js';

/** Shorter strides don't pay: this many entries of an index are skipped in 1 to 2 ms. */
const STRIDE_AT_LEAST = 10_000;

/** A list whose pages are found by their numbers. */
export interface Walk<Key extends string> {
  /** The keys of its rows and nothing else, from an index that has them in this order. */
  readonly source: ListSource;
  readonly order: readonly KeyTerm<Key>[];
  readonly columnOf: KeyColumns<Key>;
  /** The number of all rows. */
  readonly count: number;
  readonly landmarks: Landmarks;
}

/** Reads the keys of the first row in a slice of the walk's source. */
export type ReadKeys = (slice: Slice) => Cursor['keys'] | undefined;

/** A way to some rows, from a landmark or an end of the list. */
export interface Way {
  /** Null for an end, the one on this side. */
  readonly cursor: Cursor | null;
  readonly side: Cursor['side'];
  /** How many rows to skip. */
  readonly skipped: number;
}

/** Returns the shortest way to some rows: rows that are skipped cost time. */
export function shortestWay(offset: number, limit: number, count: number, landmarks: Landmarks | undefined): Way {
  const rest = count - offset - limit;
  const known = landmarks?.nearest(offset, limit) ?? null;
  if (known !== null && known.skipped < Math.min(offset, rest)) return { ...known, side: known.cursor.side };
  return { cursor: null, side: rest < offset ? 'before' : 'after', skipped: Math.min(offset, rest) };
}

export function sliceOf({ cursor, side, skipped }: Way, limit: number): Slice {
  return cursor === null
    ? { kind: 'offset', limit, offset: skipped, isReversed: side === 'before' }
    : { kind: 'beside', limit, offset: skipped, cursor };
}

export function strideOf(count: number): number {
  return Math.max(STRIDE_AT_LEAST, Math.ceil(count / STRIDES));
}

/**
 * Goes to some rows in strides, and keeps a landmark at the end of each, so that later requests for that part of the
 * list needn't skip everything before it.
 */
export function walkTo<Key extends string>(
  { count, landmarks }: Walk<Key>,
  offset: number,
  limit: number,
  read: ReadKeys,
): void {
  const stride = strideOf(count);
  for (;;) {
    const way = shortestWay(offset, limit, count, landmarks);
    if (way.skipped < stride) return;
    const keys = read(sliceOf({ ...way, skipped: stride - 1 }, 1));
    const index = way.side === 'after' ? offset - way.skipped + stride - 1 : offset + limit + way.skipped - stride;
    if (keys === undefined || !landmarks.fix(index, keys)) return;
  }
}

/** Returns the way without what it skips: skipping keys alone is faster than skipping rows. */
export function walkAlong(way: Way, read: ReadKeys): Way {
  return way.skipped === 0 ? way : wayBehind(way, read(lastSkipped(way)));
}

/** Returns the slice that is the last of the rows that a way skips. */
export function lastSkipped(way: Way): Slice {
  return sliceOf({ ...way, skipped: way.skipped - 1 }, 1);
}

/** Returns a way from the last row that it skips, which has these keys; itself if there is none. */
export function wayBehind(way: Way, keys: Cursor['keys'] | undefined): Way {
  return keys === undefined ? way : { side: way.side, skipped: 0, cursor: { side: way.side, keys } };
}

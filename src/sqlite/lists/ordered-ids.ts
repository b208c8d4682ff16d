import type { Cursor } from '../../domain/lists/cursor.js';
import { compareValues, type KeyTerm, type KeyValue } from '../../domain/lists/order.js';
import type { PageRequest } from '../../domain/lists/page.js';

/** The ids of all rows of a list in its order. */
export type OrderedIds = Uint32Array<ArrayBuffer>;
/** Returns the keys of a row by its id. */
export type KeysOfId = (id: number) => readonly KeyValue[];

/** 16 bits of an id. */
const LAST_BITS = 0xffff;

/** A part of a list. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
  /** There are more rows beyond it, on the side to which a cursor leads. */
  readonly isMore: boolean;
}

/** An order that ascends at its end, for orders that are each other backwards. */
export function forwards<Key extends string>(
  order: readonly KeyTerm<Key>[],
): { readonly order: readonly KeyTerm<Key>[]; readonly isReversed: boolean } {
  if (order.at(-1)?.direction !== 'desc') return { order, isReversed: false };
  const turned = order.map(({ key, direction }): KeyTerm<Key> => {
    return { key, direction: direction === 'asc' ? 'desc' : 'asc' };
  });
  return { order: turned, isReversed: true };
}

/** Returns where the page with this number is in a list, or in a list that is requested backwards. */
export function rangeOfNumber({ number, size }: PageRequest, count: number, isReversed: boolean): IdRange {
  const first = Math.min(count, (number - 1) * size);
  const last = Math.min(count, first + size);
  return isReversed
    ? { from: count - last, to: count - first, isMore: false }
    : { from: first, to: last, isMore: false };
}

/** Returns where the rows beside a cursor are in a list, whose order and side are those of the list itself. */
export function rangeBeside(
  ids: OrderedIds,
  order: readonly KeyTerm<string>[],
  keysOf: KeysOfId,
  { side, keys }: Cursor,
  size: number,
): IdRange {
  if (side === 'after') {
    const from = countBelow(ids, order, keysOf, keys, true);
    const to = Math.min(ids.length, from + size);
    return { from, to, isMore: to < ids.length };
  }
  const to = countBelow(ids, order, keysOf, keys, false);
  const from = Math.max(0, to - size);
  return { from, to, isMore: from > 0 };
}

/**
 * Returns the ids of a list once rows have changed: `changed` are all of them, `shown` those that are in the list now, of which
 * `keysOf` tells the keys.
 */
export function withChanged(
  ids: OrderedIds,
  order: readonly KeyTerm<string>[],
  keysOf: KeysOfId,
  changed: ReadonlySet<number>,
  shown: readonly number[],
): OrderedIds {
  const rest = without(ids, changed);
  const placed = shown
    .map((id) => ({ id, keys: keysOf(id) }))
    .sort((a, b) => compareKeys(order, a.keys, b.keys))
    .map(({ id, keys }) => ({ id, at: countBelow(rest, order, keysOf, keys, false) }));
  const all = new Uint32Array(rest.length + placed.length);
  let from = 0;
  for (const [before, { id, at }] of placed.entries()) {
    all.set(rest.subarray(from, at), from + before);
    all[at + before] = id;
    from = at;
  }
  all.set(rest.subarray(from), from + placed.length);
  return all;
}

/** Leaves these ids out: of 1,000,000, nearly all are told by their last bits, in 2 ms instead of 20. */
function without(ids: OrderedIds, changed: ReadonlySet<number>): OrderedIds {
  const hasSome = new Uint8Array(LAST_BITS + 1);
  for (const id of changed) hasSome[id & LAST_BITS] = 1;
  const rest = new Uint32Array(ids.length);
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (hasSome[id & LAST_BITS] === 1 && changed.has(id)) continue;
    rest[count] = id;
    count++;
  }
  return rest.subarray(0, count);
}

/** Counts the rows below these keys, or up to them. */
function countBelow(
  ids: OrderedIds,
  order: readonly KeyTerm<string>[],
  keysOf: KeysOfId,
  keys: readonly KeyValue[],
  isUpTo: boolean,
): number {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const difference = compareKeys(order, keysOf(ids[middle] ?? 0), keys);
    if (difference < 0 || (isUpTo && difference === 0)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compareKeys(order: readonly KeyTerm<string>[], a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [i, { direction }] of order.entries()) {
    const difference = compareValues(a[i] ?? null, b[i] ?? null);
    if (difference !== 0) return direction === 'asc' ? difference : -difference;
  }
  return 0;
}

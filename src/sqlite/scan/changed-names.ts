import { compareValues, type KeyValue } from '../../domain/lists/order.js';
import type { NameTable } from './name-table.js';
import { bytesOf } from './name-texts.js';

/** The keys of the list's order, as they are now: name key, name and path. */
export type NameKeysOf = (id: number) => readonly KeyValue[];

/** An image that is in the list now, and is another than in the table, or at another place. */
export interface NewName {
  readonly id: number;
  /** The name key as bytes. */
  readonly name: string;
  readonly keys: readonly KeyValue[];
  /** Where it is in the list: between two places of the table, which are integers. */
  readonly position: number;
}

/** A list by a table of its names and what has changed since that was read. */
export interface ChangedNames {
  readonly table: NameTable;
  /** The places in the table whose images have gone or changed. */
  readonly gone: ReadonlySet<number>;
  /** What is in the list in place of those, in its order. */
  readonly added: readonly NewName[];
  /** Returns the last position in the list that is before these keys, or before whatever is behind them. */
  lastBefore(keys: readonly KeyValue[], isUpTo: boolean): number;
}

/** The most images that may have changed: positions have room for so many between two places. */
export const MOST_CHANGED = 500;
const ROOM = 2 * MOST_CHANGED;

/** Returns the list in which these images have `changed`, of which the `shown` ones are in it now. */
export function changedNames(
  table: NameTable,
  keysOf: NameKeysOf,
  changed: readonly number[],
  shown: readonly number[],
): ChangedNames {
  const gone = new Set(changed.map((id) => table.placeOf(id)).filter((place) => place !== undefined));
  const added = shown
    .map((id) => ({ id, keys: keysOf(id) }))
    .sort((a, b) => compareKeys(a.keys, b.keys))
    .map(({ id, keys }, i): NewName => {
      const position = placeFrom(table, gone, keysOf, keys, false) - 1 + (i + 1) / ROOM;
      return { id, name: bytesOf(`${keys[0]}`), keys, position };
    });
  return {
    table,
    gone,
    added,
    lastBefore(keys, isUpTo) {
      const before = added.findLast((each) => {
        const difference = compareKeys(each.keys, keys);
        return difference < 0 || (isUpTo && difference === 0);
      });
      const place = placeFrom(table, gone, keysOf, keys, isUpTo);
      return Math.max(place - 1, before?.position ?? -1);
    },
  };
}

/**
 * Returns the first place whose image has these keys or is behind them, `isBehind`: is behind them. The names are in the table; of
 * images with the same name the rest is read, but never of one that has changed.
 */
function placeFrom(
  table: NameTable,
  gone: ReadonlySet<number>,
  keysOf: NameKeysOf,
  keys: readonly KeyValue[],
  isBehind: boolean,
): number {
  const name = bytesOf(`${keys[0]}`);
  const count = table.ids.length;
  const first = firstOf(0, count, (place) => table.keyAt(place) >= name);
  const end = firstOf(first, count, (place) => table.keyAt(place) > name);
  const isThere = (place: number) => {
    const difference = compareKeys(keysOf(table.ids[place] ?? 0), keys);
    return isBehind ? difference > 0 : difference >= 0;
  };
  let [from, to] = [first, end];
  while (from < to) {
    const middle = (from + to) >> 1;
    let probe = middle;
    while (probe < to && gone.has(probe)) probe++;
    if (probe === to || isThere(probe)) to = middle;
    else from = probe + 1;
  }
  return from;
}

/** Returns the first place in a range for which something is true, as it is for all behind it; the end if there is none. */
function firstOf(from: number, to: number, isTrue: (place: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [i, value] of a.entries()) {
    const difference = compareValues(value, b[i] ?? null);
    if (difference !== 0) return difference;
  }
  return 0;
}

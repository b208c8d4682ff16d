import { OvadexError } from '../model/errors.js';
import { quote } from '../text/quote.js';
import type { KeyTerm, KeyValue } from './order.js';

/**
 * A place between two rows of a list: directly after or before the row that has these keys of the list's order. Reading
 * on from there, in any order, meets each row that stays where it is exactly once, whatever comes and goes meanwhile. A
 * row whose own keys change moves in the list, and may be met twice or not at all.
 */
export interface Cursor {
  readonly side: 'after' | 'before';
  /** The keys in the order of the list; an unknown number is -1. */
  readonly keys: readonly (string | number)[];
}

/**
 * A cursor that refers to its row by id, for keys too long for a URL: texts are looked up, while numbers are kept, as they
 * may change, but for so many and so large ones that even they are too long.
 */
export interface Anchor {
  readonly side: Cursor['side'];
  readonly id: number;
  /** A checksum of what is looked up, so that a row that was renamed is not taken for the place where it was. */
  readonly checksum: number;
  /** The keys in the order of the list; null for one that is looked up. */
  readonly keys: readonly (number | null)[];
}

/** The types of an order's keys. */
export type KeyTypes<Key extends string> = Readonly<Record<Key, 'text' | 'number'>>;

/** Returns the cursor beside a row. */
export function cursorAt<Key extends string, Row>(
  side: Cursor['side'],
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
  row: Row,
): Cursor {
  return { side, keys: order.map(({ key }) => keyOf(row, key) ?? -1) };
}

/** Returns the cursor as an anchor at its row, of which the texts are looked up, or `all` keys. */
export function anchorAt({ side, keys }: Cursor, id: number, lookedUp: 'texts' | 'all' = 'texts'): Anchor {
  const kept = keys.map((key) => (typeof key === 'number' && lookedUp === 'texts' ? key : null));
  return { side, id, checksum: checksumOf(keys.filter((_, i) => kept[i] === null)), keys: kept };
}

/**
 * Returns the cursor of an anchor, with what its row has now of what is looked up; throws OvadexError `usage` if that has
 * changed or the row is gone.
 */
export function cursorOf(anchor: Anchor, row: readonly KeyValue[] | undefined): Cursor {
  const keys = anchor.keys.map((key, i) => key ?? row?.[i] ?? -1);
  const lookedUp = keys.filter((_, i) => anchor.keys[i] === null);
  if (row !== undefined && checksumOf(lookedUp) === anchor.checksum) return { side: anchor.side, keys };
  throw new OvadexError('usage', 'cursor: the row that it points to no longer exists; start again from the first page');
}

/** Throws OvadexError `usage` for a text that is not a cursor, or one for another order. */
export function refuseCursor(text: string): never {
  throw new OvadexError(
    'usage',
    `cursor: ${quote(text)} does not belong to this list in this order; use the one from next_url or prev_url, or none`,
  );
}

/**
 * Computes a checksum of these keys, each as a text: FNV-1a over UTF-16, 32 bits. It detects a renamed row and need not
 * resist forgery.
 */
function checksumOf(keys: readonly (string | number)[]): number {
  let sum = 0x811c9dc5;
  for (const each of keys) {
    const key = String(each);
    for (let i = 0; i <= key.length; i++)
      sum = Math.imul(sum ^ (i < key.length ? key.charCodeAt(i) : 0xffff), 0x01000193);
  }
  return sum >>> 0;
}

/** Returns a checksum that distinguishes this order from others. */
export function checksumOfOrder(order: readonly KeyTerm<string>[]): number {
  return checksumOf(order.map(({ key, direction }) => `${key} ${direction}`));
}

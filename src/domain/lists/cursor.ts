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
 * A cursor that refers to its row by id, for texts too long for a URL: texts are looked up, while numbers are kept, as
 * they may change.
 */
export interface Anchor {
  readonly side: Cursor['side'];
  readonly id: number;
  /** A checksum of the row's texts, so that a row that was renamed is not taken for the place where it was. */
  readonly checksum: number;
  /** The keys in the order of the list; null for a text. */
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

/** Returns the cursor as an anchor at its row. */
export function anchorAt({ side, keys }: Cursor, id: number): Anchor {
  return {
    side,
    id,
    checksum: checksumOfTexts(keys),
    keys: keys.map((key) => (typeof key === 'number' ? key : null)),
  };
}

/**
 * Returns the cursor of an anchor, with the texts that its row has now; throws OvadexError `usage` if they have changed
 * or the row is gone.
 */
export function cursorOf(anchor: Anchor, row: readonly KeyValue[] | undefined): Cursor {
  const keys = anchor.keys.map((key, i) => key ?? row?.[i] ?? -1);
  if (row !== undefined && checksumOfTexts(keys) === anchor.checksum) return { side: anchor.side, keys };
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
 * Computes a checksum of the texts among these keys: FNV-1a over UTF-16, 32 bits. It detects a renamed row and need not
 * resist forgery.
 */
function checksumOfTexts(keys: readonly KeyValue[]): number {
  let sum = 0x811c9dc5;
  for (const key of keys) {
    if (typeof key !== 'string') continue;
    for (let i = 0; i <= key.length; i++)
      sum = Math.imul(sum ^ (i < key.length ? key.charCodeAt(i) : 0xffff), 0x01000193);
  }
  return sum >>> 0;
}

/** Returns a checksum that distinguishes this order from others. */
export function checksumOfOrder(order: readonly KeyTerm<string>[]): number {
  return checksumOfTexts(order.map(({ key, direction }) => `${key} ${direction}`));
}

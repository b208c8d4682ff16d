import { OvadexError } from '../model/errors.js';
import { quote } from '../text/quote.js';
import type { KeyTerm, KeyValue } from './order.js';

/**
 * A place between two rows of a list: right behind or right before the row that has
 * these keys of the list's order. Whoever goes on from there, in any order, meets each
 * row that stays where it is exactly once, whatever comes and goes meanwhile. A row
 * whose own keys change moves in the list, and may be met twice or not at all.
 */
export interface Cursor {
  readonly side: 'after' | 'before';
  /** In the order of the list's keys; an unknown number is -1. */
  readonly keys: readonly (string | number)[];
}

/** The same place by the row's id, since its texts are too long for an address: they are looked up, its numbers may change. */
export interface Anchor {
  readonly side: Cursor['side'];
  readonly id: number;
  /** Of its texts, so that a row that was renamed is not taken for the place where it was. */
  readonly checksum: number;
  /** null: a text. */
  readonly keys: readonly (number | null)[];
}

/** What an order's keys hold. */
export type KeyTypes<Key extends string> = Readonly<Record<Key, 'text' | 'number'>>;

/** The cursor beside a row. */
export function cursorAt<Key extends string, Row>(
  side: Cursor['side'],
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
  row: Row,
): Cursor {
  return { side, keys: order.map(({ key }) => keyOf(row, key) ?? -1) };
}

/** The cursor as an anchor at its row. */
export function anchorAt({ side, keys }: Cursor, id: number): Anchor {
  return {
    side,
    id,
    checksum: checksumOfTexts(keys),
    keys: keys.map((key) => (typeof key === 'number' ? key : null)),
  };
}

/** The cursor of an anchor, with the keys that its row has now; throws OvadexError `usage` where it isn't what it was. */
export function cursorOf(anchor: Anchor, row: readonly KeyValue[] | undefined): Cursor {
  const keys = anchor.keys.map((key, i) => key ?? row?.[i] ?? -1);
  if (row !== undefined && checksumOfTexts(keys) === anchor.checksum) return { side: anchor.side, keys };
  throw new OvadexError('usage', 'cursor: the row that it stood beside has gone for good; begin with the first page');
}

/** Throws OvadexError `usage` for a cursor that is none, or one for another order. */
export function refuseCursor(text: string): never {
  throw new OvadexError(
    'usage',
    `cursor: ${quote(text)} does not belong to this list in this order; use the one from next_url or prev_url, or none`,
  );
}

/** Of the texts among these keys: FNV-1a over UTF-16, 32 bits. It tells a renamed row, nothing that anybody would forge. */
function checksumOfTexts(keys: readonly KeyValue[]): number {
  let sum = 0x811c9dc5;
  for (const key of keys) {
    if (typeof key !== 'string') continue;
    for (let i = 0; i <= key.length; i++)
      sum = Math.imul(sum ^ (i < key.length ? key.charCodeAt(i) : 0xffff), 0x01000193);
  }
  return sum >>> 0;
}

/** The order by name, as a checksum that tells it from others. */
export function checksumOfOrder(order: readonly KeyTerm<string>[]): number {
  return checksumOfTexts(order.map(({ key, direction }) => `${key} ${direction}`));
}

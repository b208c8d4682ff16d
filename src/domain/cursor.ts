import { OvadexError } from './errors.js';
import type { KeyTerm, KeyValue } from './order.js';
import { quote } from './quote.js';

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

/** What an order's keys hold. */
export type KeyTypes<Key extends string> = Readonly<Record<Key, 'text' | 'number'>>;

/** Raise it when keys or their meaning change: older cursors are refused then. */
const VERSION = 1;
/** A request's head is no longer. */
const MAX_LENGTH = 16_384;

/** The cursor beside a row. */
export function cursorAt<Key extends string, Row>(
  side: Cursor['side'],
  order: readonly KeyTerm<Key>[],
  keyOf: (row: Row, key: Key) => KeyValue,
  row: Row,
): Cursor {
  return { side, keys: order.map(({ key }) => keyOf(row, key) ?? -1) };
}

/** The cursor as clients carry it; it is good for this order only. */
export function writeCursor<Key extends string>({ side, keys }: Cursor, order: readonly KeyTerm<Key>[]): string {
  return Buffer.from(JSON.stringify([VERSION, side, nameOf(order), ...keys])).toString('base64url');
}

/** Throws OvadexError `usage` for what `writeCursor` never wrote, or wrote for another order. */
export function readCursor<Key extends string>(
  text: string,
  order: readonly KeyTerm<Key>[],
  types: KeyTypes<Key>,
): Cursor {
  const [version, side, name, ...keys] = parse(text) ?? [];
  if (version === VERSION && (side === 'after' || side === 'before') && name === nameOf(order)) {
    const checked = order.map(({ key }, i) => checkKey(keys[i], types[key]));
    if (keys.length === order.length && checked.every((key) => key !== null)) return { side, keys: checked };
  }
  throw new OvadexError(
    'usage',
    `cursor: ${quote(text)} is none of this list in this order; allowed is what next_url or prev_url carries, or nothing`,
  );
}

function parse(text: string): unknown[] | null {
  if (text.length > MAX_LENGTH || !/^[\w-]+$/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function checkKey(value: unknown, type: 'text' | 'number'): string | number | null {
  if (type === 'text') return typeof value === 'string' ? value : null;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

function nameOf(order: readonly KeyTerm<string>[]): string {
  return order.map(({ key, direction }) => `${key} ${direction}`).join(',');
}

import { type Anchor, anchorAt, type Cursor, checksumOfOrder, type KeyTypes, refuseCursor } from './cursor.js';
import type { KeyTerm } from './order.js';

/** Raise it when keys or their meaning change: older cursors are then refused. */
const VERSION = 2;
/**
 * The longest cursor that is written with its texts. It keeps URLs short: a head of 4 KB, which nginx passes on by
 * default, contains four of them.
 */
const MAX_WRITTEN = 99;
/** The longest cursor that is read; a request's head is no longer. */
const MAX_READ = 16_384;
/** The version, the side and the other parts of an anchor; no JSON begins like that in base64. */
const ANCHOR = /^([ab])2_([\da-z]+)_([\da-z]+)_([\da-z]+)_([\da-z]+)((?:_-?[\da-z]*)*)$/;

/** A cursor as clients carry it, and the number of the page that it leads to. */
export interface WrittenCursor {
  readonly cursor: Cursor | Anchor;
  readonly page: number;
}

/** Writes a cursor for this order only. What is too long is left out, and looked up in the row with this id. */
export function writeCursor(
  cursor: Cursor,
  { order, page, id }: { readonly order: readonly KeyTerm<string>[]; readonly page: number; readonly id: number },
): string {
  const { side, keys } = cursor;
  const name = checksumOfOrder(order);
  const text = Buffer.from(JSON.stringify([VERSION, side, name, page, ...keys])).toString('base64url');
  if (text.length <= MAX_WRITTEN) return text;
  const written = (anchor: Anchor): string => {
    const numbers = [name, page, id, anchor.checksum, ...anchor.keys.map((key) => key ?? '')];
    return [`${side === 'after' ? 'a' : 'b'}2`, ...numbers.map((each) => each.toString(36))].join('_');
  };
  const withNumbers = written(anchorAt(cursor, id));
  return withNumbers.length <= MAX_WRITTEN ? withNumbers : written(anchorAt(cursor, id, 'all'));
}

/** Reads a cursor of this order. Throws OvadexError `usage` for one that `writeCursor` never wrote, or wrote for another order. */
export function readCursor<Key extends string>(
  text: string,
  order: readonly KeyTerm<Key>[],
  types: KeyTypes<Key>,
): WrittenCursor {
  const read = parse(text);
  if (read === null || read.name !== checksumOfOrder(order) || read.keys.length !== order.length) refuseCursor(text);
  const { side, keys, anchor, page } = read;
  const isLookedUp = (i: number) => anchor !== null && keys[i] === null;
  const isKept = (key: Key, i: number) => isOfType(keys[i], types[key]) && (anchor === null || types[key] === 'number');
  const isGood = order.every(({ key }, i) => isLookedUp(i) || isKept(key, i));
  if (!isGood) refuseCursor(text);
  const cursor = anchor === null ? { side, keys } : { side, keys, ...anchor };
  return { page, cursor: cursor as Cursor | Anchor };
}

/** Returns the number of the page that a cursor leads to, whatever its order; throws OvadexError `usage` if it is not a cursor. */
export function pageOfCursor(text: string): number {
  return (parse(text) ?? refuseCursor(text)).page;
}

interface Parts {
  readonly side: Cursor['side'];
  readonly name: number;
  readonly page: number;
  readonly keys: readonly unknown[];
  readonly anchor: Pick<Anchor, 'id' | 'checksum'> | null;
}

function parse(text: string): Parts | null {
  if (text.length > MAX_READ || !/^[\w-]+$/.test(text)) return null;
  const parts = parseAnchor(text) ?? parseKeys(text);
  return parts !== null && [parts.page, parts.anchor?.id ?? 1].every((each) => Number.isSafeInteger(each) && each >= 1)
    ? parts
    : null;
}

function parseAnchor(text: string): Parts | null {
  const [, side, name = '', page = '', id = '', checksum = '', keys = ''] = ANCHOR.exec(text) ?? [];
  if (side === undefined) return null;
  const number = (digits: string) => Number.parseInt(digits, 36);
  return {
    side: side === 'a' ? 'after' : 'before',
    name: number(name),
    page: number(page),
    anchor: { id: number(id), checksum: number(checksum) },
    keys: keys
      .split('_')
      .slice(1)
      .map((key) => (key === '' ? null : number(key))),
  };
}

function parseKeys(text: string): Parts | null {
  const [version, side, name, page, ...keys] = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  if (version !== VERSION || (side !== 'after' && side !== 'before')) return null;
  if (typeof name !== 'number' || typeof page !== 'number') return null;
  return { side, name, page, keys, anchor: null };
}

function parseJson(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function isOfType(value: unknown, type: 'text' | 'number'): boolean {
  return type === 'text' ? typeof value === 'string' : typeof value === 'number' && Number.isSafeInteger(value);
}

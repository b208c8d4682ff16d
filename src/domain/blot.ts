/** Stands where a secret stood. */
export const BLOT = '[hidden]';

/** Less of a secret than this, at the edge of a text, comes by chance. */
const LEAST_PART = 4;
/** HTML's names of what a credential may hold (a space, too); all else comes as a number. */
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/iy;
const ESCAPE = /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([^ux]))/iy;
const CUT_ESCAPE = /^(?:(?:%[0-9a-f]{2})*%[0-9a-f]?|&[#\w]*|\\(?:u\{?|x)?[0-9a-f]*)?$/i;
const LONGEST_ESCAPE = 12;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** One way to read what stands at a place: a character, and where it ends. */
interface Reading {
  readonly character: string;
  readonly end: number;
}

/**
 * The text without these secrets, whichever way they are written in it: as they are, percent-encoded, with escapes of
 * JSON or HTML, in UTF-8 bytes that were taken for Latin-1, in upper or lower case, or a mixture. The text may have been cut: a part of a
 * secret at either edge of it counts, too. A very short secret counts only where it stands alone.
 */
export function blot(text: string, secrets: readonly string[]): string {
  if (text === '') return text;
  const wanted = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  let blotted = text;
  for (const secret of wanted) blotted = blotOne(blotted, [...secret.toLowerCase()]);
  return blotted;
}

function blotOne(text: string, secret: readonly string[]): string {
  const spans = findAll(text, secret);
  let out = '';
  let from = 0;
  for (const [start, end] of spans) {
    out += `${text.slice(from, start)}${BLOT}`;
    from = end;
  }
  return out + text.slice(from);
}

function findAll(text: string, secret: readonly string[]): readonly (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = [];
  let at = 0;
  const head = endOfPart(text, secret);
  if (head > 0) {
    spans.push([0, head]);
    at = head;
  }
  while (at < text.length) {
    const end = endOf(text, at, secret, 0);
    const isFound = end !== null && (secret.length >= LEAST_PART || standsAlone(text, at, end));
    if (isFound) spans.push([at, end]);
    at = isFound ? end : at + 1;
  }
  return spans;
}

/** Where the rest of a secret ends with which a text begins, or 0. */
function endOfPart(text: string, secret: readonly string[]): number {
  for (let from = 1; secret.length - from >= LEAST_PART; from++) {
    const end = endOf(text, 0, secret, from);
    if (end !== null) return end;
  }
  return 0;
}

/** Where the secret ends, from this character of it on, that begins here, or null; at the end of the text a part of it is enough. */
function endOf(text: string, at: number, secret: readonly string[], from: number): number | null {
  let positions: readonly number[] = [at];
  for (let index = from; index < secret.length; index++) {
    const isPart = index - from >= LEAST_PART;
    const next = new Set<number>();
    for (const position of positions) {
      if (isPart && isCut(text, position)) return text.length;
      if (position >= text.length) continue;
      for (const { character, end } of readingsAt(text, position)) {
        if (isSame(character, secret[index] ?? '')) next.add(end);
      }
    }
    if (next.size === 0) return null;
    positions = [...next];
  }
  return Math.max(...positions);
}

/** Whether nothing is left of the text but the beginning of an escape. */
function isCut(text: string, at: number): boolean {
  return text.length - at <= LONGEST_ESCAPE && CUT_ESCAPE.test(text.slice(at));
}

function isSame(read: string, wanted: string): boolean {
  return read === wanted || read.toLowerCase() === wanted;
}

/** The ways to read what stands at a place, the plainest first. */
function readingsAt(text: string, at: number): readonly Reading[] {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const readings: Reading[] = [{ character, end: at + character.length }];
  const add = (reading: Reading | null) => {
    if (reading !== null) readings.push(reading);
  };
  if (character === '%') add(readPercent(text, at));
  else if (character === '&') add(readEntity(text, at));
  else if (character === '\\') add(readEscape(text, at));
  else if (character === '+') add({ character: ' ', end: at + 1 });
  else if (character >= '\u00c2' && character <= '\u00f4') add(readBytes(at, 1, (from) => text.charCodeAt(from)));
  return readings;
}

/** `%C3%A9` is one character. */
function readPercent(text: string, at: number): Reading | null {
  return readBytes(at, 3, (from) => {
    const hex = /^%([0-9a-f]{2})$/i.exec(text.slice(from, from + 3))?.[1];
    return hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  });
}

/** A character of UTF-8 from bytes that are written `width` characters apart; a byte beyond it is Latin-1's. */
function readBytes(at: number, width: number, byteAt: (from: number) => number): Reading | null {
  const first = byteAt(at);
  if (Number.isNaN(first)) return null;
  const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  const bytes = Array.from({ length }, (_, index) => byteAt(at + index * width));
  const isWhole = bytes.slice(1).every((byte) => byte >= 0x80 && byte < 0xc0);
  if (length === 1 || !isWhole) return width === 1 ? null : { character: String.fromCharCode(first), end: at + width };
  const [lead = 0, ...others] = bytes;
  const code = others.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), lead & (0xff >> (length + 1)));
  return code > 0x10_ffff ? null : { character: String.fromCodePoint(code), end: at + length * width };
}

function readEntity(text: string, at: number): Reading | null {
  ENTITY.lastIndex = at;
  const match = ENTITY.exec(text);
  if (match === null) return null;
  const [, decimal, hex, name = ''] = match;
  const named = ENTITIES.get(name.toLowerCase()) ?? null;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const character = named ?? (code <= 0x10_ffff ? String.fromCodePoint(code) : null);
  return character === null ? null : { character, end: ENTITY.lastIndex };
}

/** Of JSON and of quoted strings of HTTP. */
function readEscape(text: string, at: number): Reading | null {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  if (match === null) return null;
  const [, braced, four, two, plain] = match;
  const code = Number.parseInt(braced ?? four ?? two ?? '', 16);
  const character = plain ?? (code <= 0x10_ffff ? String.fromCodePoint(code) : null);
  return character === null ? null : { character, end: ESCAPE.lastIndex };
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !LETTER_OR_DIGIT.test(text.charAt(start - 1)) && !LETTER_OR_DIGIT.test(text.charAt(end));
}

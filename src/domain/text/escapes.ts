/** A text, and where each of its units stands in the text that it was decoded from. */
export interface Written {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A piece of what an escape stands for, and how many units of the escape it covers. */
type Piece = readonly [text: string, length: number];

interface Scheme {
  readonly pattern: RegExp;
  readonly decode: (match: RegExpMatchArray) => readonly Piece[] | null;
}

/** HTML's entities for characters of URLs and headers; all others are written as numbers. */
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

const SCHEMES: readonly Scheme[] = [
  { pattern: /(?:%[0-9a-f]{2})+/gi, decode: ([run]) => decodePercent(run) },
  { pattern: /\+/g, decode: () => [[' ', 1]] },
  {
    pattern: /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi,
    decode: ([all, decimal, hex, name = '']) =>
      one(ENTITIES.get(name.toLowerCase()) ?? characterOf(decimal ?? hex ?? '', decimal === undefined ? 16 : 10), all),
  },
  {
    // JSON, JavaScript, and quoted strings in HTTP.
    pattern: /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([^ux]))/gi,
    decode: ([all, braced, four, two, plain]) => one(plain ?? characterOf(braced ?? four ?? two ?? '', 16), all),
  },
];

export function asWritten(text: string): Written {
  return { text, starts: places(text, 0), ends: places(text, 1) };
}

/** Returns the text with one kind of escape decoded, for each kind that it contains. */
export function decodings(written: Written): readonly Written[] {
  return SCHEMES.flatMap((scheme) => decodeWith(written, scheme) ?? []);
}

function places(text: string, behind: 0 | 1): readonly number[] {
  return Array.from({ length: text.length }, (_, at) => at + behind);
}

function decodeWith({ text, starts, ends }: Written, { pattern, decode }: Scheme): Written | null {
  const out = { text: '', starts: [] as number[], ends: [] as number[] };
  const append = (piece: string, from: number, to: number) => {
    out.text += piece;
    for (let unit = 0; unit < piece.length; unit++) {
      out.starts.push(starts[from] ?? 0);
      out.ends.push(ends[to - 1] ?? 0);
    }
  };
  let from = 0;
  const keep = (to: number) => {
    for (; from < to; from++) append(text.charAt(from), from, from + 1);
  };
  for (const match of text.matchAll(pattern)) {
    const pieces = decode(match);
    if (pieces === null) continue;
    keep(match.index);
    for (const [piece, length] of pieces) {
      append(piece, from, from + length);
      from += length;
    }
  }
  if (from === 0) return null;
  keep(text.length);
  return out;
}

function one(character: string | null, all: string): readonly Piece[] | null {
  return character === null ? null : [[character, all.length]];
}

function characterOf(digits: string, base: 10 | 16): string | null {
  const code = Number.parseInt(digits, base);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : null;
}

/** Decodes a run of bytes: `%C3%A9` is one character, and `%E9` the same in Latin-1. */
function decodePercent(run: string): readonly Piece[] {
  const bytes = Array.from(run.matchAll(/%(..)/g), ([, hex = '']) => Number.parseInt(hex, 16));
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    const others = bytes.slice(at + 1, at + length);
    const isWhole = others.length === length - 1 && others.every((byte) => byte >= 0x80 && byte < 0xc0);
    const code = others.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), first & (0xff >> (length + 1)));
    const isCharacter = length > 1 && isWhole && code <= 0x10_ffff;
    pieces.push(isCharacter ? [String.fromCodePoint(code), length * 3] : [String.fromCharCode(first), 3]);
    at += isCharacter ? length : 1;
  }
  return pieces;
}

import { asWritten, decodings, type Written } from './escapes.js';

/** Replaces a secret in a text. */
const BLOT = '[hidden]';

/** A part of a secret shorter than this, at the edge of a text, occurs by chance. */
const LEAST_PART = 4;
/** A part of this many characters counts anywhere: some servers show the beginning of a token. */
const TELLING_PART = 8;
/** How many times a text may have been encoded on its way: a redirect's URL in a page of HTML, say. */
const LAYERS = 3;
/** An escape that is cut off by the end of a text. */
const CUT_ESCAPE = /(?:%[0-9a-f]?|&[#\w]{0,9}|\\(?:u\{?|x)?[0-9a-f]{0,6})$/i;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

type Span = readonly [start: number, end: number];

/**
 * Returns the text without these secrets, however they are written in it: as they are, percent-encoded, as in a form,
 * with escapes of JSON or HTML, in UTF-8 that was taken for Latin-1, in upper or lower case, or by several of these. A
 * long part of a secret counts as well, and so does a shorter one at either edge of the text, which may have been cut.
 * A very short secret counts only if it stands alone.
 */
export function blot(text: string, secrets: readonly string[]): string {
  if (text === '' || secrets.length === 0) return text;
  const wanted = [...new Set(secrets.flatMap((secret) => [lower(secret), lower(misread(secret))]))];
  const parts = tellingParts(wanted);
  const spans = layersOf(asWritten(text)).flatMap((layer) => findIn(layer, wanted, parts));
  return withoutSpans(text, spans);
}

/** Returns the text as it is, and with any escapes in it decoded, one kind after the other. */
function layersOf(written: Written): readonly Written[] {
  const layers = [written];
  let latest: readonly Written[] = layers;
  for (let depth = 0; depth < LAYERS; depth++) {
    latest = latest.flatMap(decodings).filter(({ text }) => !layers.some((known) => known.text === text));
    layers.push(...latest);
  }
  return layers;
}

function tellingParts(secrets: readonly string[]): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const secret of secrets) {
    for (let at = 0; at + TELLING_PART <= secret.length; at++) parts.add(secret.slice(at, at + TELLING_PART));
  }
  return parts;
}

function findIn(
  { text, starts, ends }: Written,
  wanted: readonly string[],
  parts: ReadonlySet<string>,
): readonly Span[] {
  const searched = lower(text);
  const whole = searched.replace(CUT_ESCAPE, '');
  const spans: Span[] = [];
  const add = (from: number, to: number) => {
    if (to > from) spans.push([starts[from] ?? 0, ends[to - 1] ?? 0]);
  };
  for (let at = 0; at + TELLING_PART <= searched.length; at++) {
    if (parts.has(searched.slice(at, at + TELLING_PART))) add(at, at + TELLING_PART);
  }
  for (const secret of wanted) {
    for (let at = indexIn(searched, secret, 0); at !== -1; at = indexIn(searched, secret, at + secret.length)) {
      if (secret.length >= LEAST_PART || standsAlone(searched, at, at + secret.length)) add(at, at + secret.length);
    }
    const isPart = searched.length >= LEAST_PART && secret.includes(searched);
    add(0, isPart ? searched.length : endOfPart(searched, secret));
    const start = startOfPart(whole, secret);
    if (start < whole.length) add(start, searched.length);
  }
  return spans;
}

function indexIn(text: string, secret: string, from: number): number {
  return secret === '' ? -1 : text.indexOf(secret, from);
}

/** Returns where the longest end of a secret that the text begins with ends in it; 0 if there is none. */
function endOfPart(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= LEAST_PART; length--) {
    if (text.startsWith(secret.slice(-length))) return length;
  }
  return 0;
}

/** Returns where the longest beginning of a secret that the text ends with begins in it; the text's length if there is none. */
function startOfPart(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= LEAST_PART; length--) {
    if (text.endsWith(secret.slice(0, length))) return text.length - length;
  }
  return text.length;
}

function withoutSpans(text: string, spans: readonly Span[]): string {
  let out = '';
  let from = 0;
  for (const [start, end] of [...spans].sort(([a], [b]) => a - b)) {
    if (start >= from) out += text.slice(from, start) + BLOT;
    from = Math.max(from, end);
  }
  return out + text.slice(from);
}

/** Converts to lower case character by character, so that positions do not change. */
function lower(text: string): string {
  const whole = text.toLowerCase();
  if (whole.length === text.length) return whole;
  return Array.from({ length: text.length }, (_, at) => {
    const character = text.charAt(at).toLowerCase();
    return character.length === 1 ? character : text.charAt(at);
  }).join('');
}

/** Returns the secret as a program that takes UTF-8 for Latin-1 reads it, and may write it in UTF-8 again. */
function misread(secret: string): string {
  return Buffer.from(secret, 'utf8').toString('latin1');
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !LETTER_OR_DIGIT.test(text.charAt(start - 1)) && !LETTER_OR_DIGIT.test(text.charAt(end));
}

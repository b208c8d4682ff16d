/**
 * A glob over paths: `*` matches any text, `?` any character, `[a-z]` and `[!a-z]` one of a set, `{a,b}` and `{1..9}` a
 * choice, a backslash makes the next character literal, and `**` as a whole segment matches any number of segments,
 * including none.
 */
export type Glob = readonly GlobPath[];

/** One combination of the choices: one entry per segment, null for `**`. */
type GlobPath = readonly (readonly Token[] | null)[];

/** A character (a number is its code point), a set of them, `?`, or `*`. */
type Token =
  | number
  | { readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | '?'
  | '*';

/** The length of a glob with its choices written out: a longer one would make each match slow. */
const MAX_EXPANDED = 4_096;

/** Returns the glob, or a text that says why it is invalid. */
export function parseGlob(text: string): Glob | string {
  const stray = /(?:^|[^\\])([()|])/.exec(text.replaceAll(/\\\\|\[[!^]?\]?[^\]]*\]/g, 'x'));
  if (stray !== null) {
    return `"${stray[1]}" has no meaning in it; [${stray[1]}] stands for the character itself, {a,b} for a choice`;
  }
  const expanded = expandChoices(text);
  if (expanded === null)
    return `its choices in braces expand to more than the ${MAX_EXPANDED} characters that are allowed`;
  return expanded.map(parsePath);
}

/**
 * Parses one combination. As in shells, `images/**` also matches the folder itself, but `*` and `**` with a slash
 * between match only what lies within a folder.
 */
function parsePath(text: string): GlobPath {
  const path = text
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (segment === '**' ? null : parseSegment(segment)));
  const named = path.findLastIndex((segment) => segment !== null);
  const isWithin = named !== path.length - 1 && path[named]?.at(-1) === '*';
  return isWithin ? [...path, ['*']] : path;
}

/**
 * Whether a path of these names, or anything above it, matches. The time grows with the product of both lengths,
 * whatever the glob.
 */
export function matchesGlob(glob: Glob, names: readonly string[]): boolean {
  return glob.some((path) => matchesPath(path, names));
}

/** Returns the only text that the glob matches; null if there are several. */
export function literalOf(glob: Glob): string | null {
  const [path, ...others] = glob;
  if (path === undefined || others.length > 0) return null;
  const segments = path.map((segment) => {
    if (segment === null || !segment.every((token) => typeof token === 'number')) return null;
    return String.fromCodePoint(...segment);
  });
  return segments.includes(null) ? null : segments.join('/');
}

/** Returns the UTF-16 code unit that every match begins with; null if there are several, or it doesn't matter. */
export function initialOf(glob: Glob): number | null {
  const initials = new Set(glob.map((path) => path[0]?.[0] ?? null));
  const [initial = null, ...others] = initials;
  return typeof initial === 'number' && others.length === 0 ? String.fromCodePoint(initial).charCodeAt(0) : null;
}

function matchesPath(path: GlobPath, names: readonly string[]): boolean {
  let places = withSkipped(path, new Set([0]));
  for (const name of names) {
    const next = new Set<number>();
    const characters = [...name].map((character) => character.codePointAt(0) ?? 0);
    for (const place of places) {
      const segment = path[place];
      if (segment === null) next.add(place);
      else if (segment !== undefined && matchesSegment(segment, characters)) next.add(place + 1);
    }
    places = withSkipped(path, next);
    if (places.has(path.length)) return true;
    if (places.size === 0) return false;
  }
  return false;
}

/** Adds the places after each `**`, which may match no segment at all. */
function withSkipped(path: GlobPath, places: Set<number>): Set<number> {
  // Iterating a set includes what is added on the way.
  for (const place of places) if (path[place] === null) places.add(place + 1);
  return places;
}

/** Only the last `*` is ever tried again: it can take whatever an earlier one would. */
function matchesSegment(tokens: readonly Token[], characters: readonly number[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      star = token++;
      starAt = at;
    } else if (wanted !== undefined && matchesCharacter(wanted, characters[at] ?? 0)) {
      token++;
      at++;
    } else if (star !== -1) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}

function matchesCharacter(token: Exclude<Token, '*'>, character: number): boolean {
  if (typeof token === 'number') return token === character;
  if (token === '?') return true;
  return token.ranges.some(([first, last]) => character >= first && character <= last) !== token.isNegated;
}

const SET = /^\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]/su;

function parseSegment(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let rest = text; rest !== ''; ) {
    const set = SET.exec(rest);
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (set !== null && set[2] !== '') {
      tokens.push({ isNegated: set[1] !== '', ranges: rangesOf(set[2] ?? '') });
      rest = rest.slice(set[0].length);
    } else if (character === '\\' && rest.length > 1) {
      const escaped = String.fromCodePoint(rest.codePointAt(1) ?? 0);
      tokens.push(escaped.codePointAt(0) ?? 0);
      rest = rest.slice(1 + escaped.length);
    } else {
      if (character === '?') tokens.push('?');
      else if (character !== '*') tokens.push(character.codePointAt(0) ?? 0);
      else if (tokens.at(-1) !== '*') tokens.push('*');
      rest = rest.slice(character.length);
    }
  }
  return tokens;
}

function rangesOf(set: string): readonly (readonly [number, number])[] {
  return [...set.matchAll(/(\\.|.)(?:-(\\.|.))?/gsu)].map(([, first = '', last = first]) => {
    const code = (text: string) =>
      (text.length > 1 && text.startsWith('\\') ? text.slice(1) : text).codePointAt(0) ?? 0;
    return [code(first), code(last)] as const;
  });
}

/** Returns every combination of the choices in braces; null if there are too many. */
function expandChoices(text: string): readonly string[] | null {
  const done: string[] = [];
  const waiting = [text];
  let length = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const choice = firstChoice(next);
    if (choice === null) {
      length += next.length;
      done.push(next);
    } else {
      const { start, end, options } = choice;
      for (const option of options.toReversed()) waiting.push(next.slice(0, start) + option + next.slice(end));
    }
    if (length > MAX_EXPANDED || waiting.length > MAX_EXPANDED) return null;
  }
  return done;
}

/** Returns the first pair of braces with a comma or a range in it; other braces are ordinary characters. */
function firstChoice(text: string): { start: number; end: number; options: readonly string[] } | null {
  for (let start = 0; start < text.length; start++) {
    const character = text.charAt(start);
    if (character === '\\') start++;
    else if (character === '[') start += Math.max(0, (SET.exec(text.slice(start))?.[0].length ?? 1) - 1);
    else if (character === '{') {
      const options = choiceAt(text, start);
      if (options !== null) return { start, ...options };
    }
  }
  return null;
}

function choiceAt(text: string, start: number): { end: number; options: readonly string[] } | null {
  const options: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      options.push(text.slice(from, at));
      from = at + 1;
    } else if (character === '}' && --depth === 0) {
      const last = text.slice(from, at);
      if (options.length > 0) return { end: at + 1, options: [...options, last] };
      const range = rangeOf(last);
      return range === null ? null : { end: at + 1, options: range };
    }
  }
  return null;
}

/** Expands `1..3` or `a..c`, in either direction. */
function rangeOf(text: string): readonly string[] | null {
  const numbers = /^(\d{1,4})\.\.(\d{1,4})$/.exec(text);
  const letters = /^([a-z])\.\.([a-z])$/i.exec(text);
  const [, first, last] = numbers ?? letters ?? [];
  if (first === undefined || last === undefined) return null;
  const code = (word: string) => (numbers === null ? word.charCodeAt(0) : Number(word));
  const width = numbers !== null && /^0\d/.test(first) ? first.length : 0;
  const word = (value: number) => (numbers === null ? String.fromCharCode(value) : String(value).padStart(width, '0'));
  const low = Math.min(code(first), code(last));
  return Array.from({ length: Math.abs(code(last) - code(first)) + 1 }, (_, i) => word(low + i));
}

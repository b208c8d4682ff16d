import type { ElementName } from './elements.js';
import { detached } from './xml-text.js';

/** A start tag or empty-element tag, with its enclosing tags. */
export interface PlainTag extends ElementName {
  /** The name as written, which the end tag repeats. */
  readonly qualifiedName: string;
  readonly isEmpty: boolean;
  /** The whole tag as written. */
  readonly markup: string;
  /** The enclosing tag; null for the document. */
  readonly parent: PlainTag | null;
  /** Namespaces by prefix; the default namespace has the empty prefix. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Tags read inside of it before. */
  readonly known: Map<string, PlainTag>;
  /** Runs of markup that have followed text in it. */
  readonly runs: MarkupRun[];
}

/** Markup from the end of one wanted text to the beginning of the next. */
export interface MarkupRun {
  readonly markup: string;
  /** Its start tags, and null for each end tag. */
  readonly steps: readonly (PlainTag | null)[];
  /** The innermost open tag after it. */
  readonly end: PlainTag;
}

/**
 * An answer repeats a dozen different tags, as do all answers of a server, so tags read once are kept for all of them.
 * This many are enough for thirty servers and take a megabyte; then the cache is cleared.
 */
const KNOWN_TAGS = 1_000;
/** About as long as three namespace declarations; a longer tag is parsed each time. */
const KNOWN_LENGTH = 300;
/** An href is followed by the properties of a file or a collection, a status by another response or the next propstat. */
const KNOWN_RUNS = 4;
/** Apache's longest run has 250 characters. */
const KNOWN_RUN_LENGTH = 1_000;
/** Each declaration copies the enclosing ones; real documents have a handful. */
const MAX_NAMESPACES = 32;
let outermost = emptyDocument();
let knownTags = 0;

/** Names in ASCII (Namespaces in XML 1.0, 7 to 10); others are left to saxes. */
const NC_NAME = '[A-Za-z_][A-Za-z0-9._-]*';
const QUALIFIED_NAME = `${NC_NAME}(?::${NC_NAME})?`;
/** An attribute without references and without white space that would have to be normalised (XML 1.0, 3.3.3). */
const ATTRIBUTE = `(${QUALIFIED_NAME})=(?:"([ !#-%'-;=-~]*)"|'([ -%(-;=-~]*)')`;
/** STag and EmptyElemTag (XML 1.0, 40 and 44) between their angle brackets. */
const TAG = new RegExp(`^(${QUALIFIED_NAME})((?:[ \\t\\n]+${ATTRIBUTE})*)[ \\t\\n]*(/?)$`);
const ATTRIBUTES = new RegExp(ATTRIBUTE, 'g');

/** Prefixes and names with a meaning of their own (Namespaces in XML 1.0, 3). */
const RESERVED_PREFIX = /^xml(?:ns)?$/;
const RESERVED_NAMESPACE = /^http:\/\/www\.w3\.org\/(?:XML\/1998\/namespace|2000\/xmlns\/)$/;

/** The document, which encloses the root. */
export function documentTag(): PlainTag {
  return outermost;
}

/** Reads the tag between these angle brackets; null if it isn't plain, valid or not. */
export function readTag(text: string, parent: PlainTag): PlainTag | null {
  return parent.known.get(text) ?? learnTag(text, parent);
}

/** Finds a known run at this position; null if there is none. */
export function runAt(text: string, at: number, { runs }: PlainTag): MarkupRun | null {
  for (const run of runs) {
    // Five times as fast as `startsWith`.
    if (text.slice(at, at + run.markup.length) === run.markup) return run;
  }
  return null;
}

export function learnRun({ runs }: PlainTag, run: MarkupRun): void {
  if (run.markup.length > KNOWN_RUN_LENGTH) return;
  if (runs.length === KNOWN_RUNS) runs.shift();
  runs.push({ ...run, markup: detached(run.markup) });
}

function learnTag(slice: string, parent: PlainTag): PlainTag | null {
  const text = detached(slice);
  const tag = parseTag(text, parent);
  if (tag === null || text.length > KNOWN_LENGTH) return tag;
  if (knownTags >= KNOWN_TAGS) {
    outermost = emptyDocument();
    knownTags = 0;
  }
  knownTags++;
  parent.known.set(text, tag);
  return tag;
}

function emptyDocument(): PlainTag {
  const name = { uri: '', local: '', qualifiedName: '', isEmpty: false, markup: '' };
  return { ...name, parent: null, namespaces: new Map(), known: new Map(), runs: [] };
}

function parseTag(text: string, parent: PlainTag): PlainTag | null {
  const match = TAG.exec(text);
  if (match === null) return null;
  const [, qualifiedName = '', attributes = ''] = match;
  const namespaces = namespacesIn(attributes, parent.namespaces);
  if (namespaces === null) return null;
  const colon = qualifiedName.indexOf(':');
  const prefix = colon === -1 ? '' : qualifiedName.slice(0, colon);
  const uri = namespaces.get(prefix) ?? (prefix === '' ? '' : null);
  if (uri === null) return null;
  return {
    uri,
    local: qualifiedName.slice(colon + 1),
    qualifiedName,
    isEmpty: text.endsWith('/'),
    markup: `<${text}>`,
    parent,
    namespaces,
    known: new Map(),
    runs: [],
  };
}

/** Returns the namespaces in effect after these attributes; null if the attributes aren't plain. */
function namespacesIn(attributes: string, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> | null {
  const declared = new Map<string, string>();
  let others = 0;
  for (const [, name = '', inQuotes, inApostrophes] of attributes.matchAll(ATTRIBUTES)) {
    const isDefault = name === 'xmlns';
    if (!isDefault && !name.startsWith('xmlns:')) {
      // Two could be the same attribute, by two prefixes of one namespace (Namespaces in XML 1.0, 6.3).
      if (++others > 1) return null;
      continue;
    }
    const prefix = isDefault ? '' : name.slice('xmlns:'.length);
    const uri = (inQuotes ?? inApostrophes ?? '').trim();
    if (declared.has(prefix) || RESERVED_PREFIX.test(prefix) || RESERVED_NAMESPACE.test(uri)) return null;
    if (uri === '' && !isDefault) return null;
    declared.set(prefix, uri);
  }
  if (declared.size === 0) return outer;
  return outer.size + declared.size > MAX_NAMESPACES ? null : new Map([...outer, ...declared]);
}

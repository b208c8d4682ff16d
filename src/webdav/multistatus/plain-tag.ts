import type { ElementName } from './elements.js';

/** A start tag or an empty-element tag at its place: inside those that are open around it. */
export interface PlainTag extends ElementName {
  /** As the end tag repeats it. */
  readonly qualifiedName: string;
  readonly isEmpty: boolean;
  /** As it was written. */
  readonly markup: string;
  /** null: the document. */
  readonly parent: PlainTag | null;
  /** By prefix; the default namespace by the empty string. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** The tags that were read inside of it before. */
  readonly known: Map<string, PlainTag>;
  /** What was seen to follow the text in it. */
  readonly runs: MarkupRun[];
}

/** Markup from the end of one wanted text to the beginning of the next. */
export interface MarkupRun {
  readonly markup: string;
  /** Its start tags, and null for each end. */
  readonly steps: readonly (PlainTag | null)[];
  /** What is open behind it. */
  readonly end: PlainTag;
}

/**
 * An answer repeats a dozen different tags, and so do all answers of a server, so what was read once is kept for all
 * of them. This many are thirty servers' worth in a megabyte; then it begins anew.
 */
const KNOWN_TAGS = 1_000;
/** Three declarations of namespaces are about as long; a longer tag is read each time. */
const KNOWN_LENGTH = 300;
/** Behind an href stand a file's properties or a collection's, behind a status another response or the same one's next propstat. */
const KNOWN_RUNS = 4;
/** Apache's longest has 250 characters. */
const KNOWN_RUN_LENGTH = 1_000;
/** Each declaration copies those around it; real documents have a handful. */
const MAX_NAMESPACES = 32;
let outermost = emptyDocument();
let knownTags = 0;

/** Names of ASCII (Namespaces in XML 1.0, 7 to 10); others are left to saxes. */
const NC_NAME = '[A-Za-z_][A-Za-z0-9._-]*';
const QUALIFIED_NAME = `${NC_NAME}(?::${NC_NAME})?`;
/** Without references, and without the blanks that would have to be normalised (XML 1.0, 3.3.3). */
const ATTRIBUTE = `(${QUALIFIED_NAME})=(?:"([ !#-%'-;=-~]*)"|'([ -%(-;=-~]*)')`;
/** STag and EmptyElemTag (XML 1.0, 40 and 44) between their angle brackets. */
const TAG = new RegExp(`^(${QUALIFIED_NAME})((?:[ \\t\\n]+${ATTRIBUTE})*)[ \\t\\n]*(/?)$`);
const ATTRIBUTES = new RegExp(ATTRIBUTE, 'g');

/** Prefixes and names with a meaning of their own (Namespaces in XML 1.0, 3). */
const RESERVED_PREFIX = /^xml(?:ns)?$/;
const RESERVED_NAMESPACE = /^http:\/\/www\.w3\.org\/(?:XML\/1998\/namespace|2000\/xmlns\/)$/;

/** Where the root stands. */
export function documentTag(): PlainTag {
  return outermost;
}

/** The tag between these angle brackets; null where it isn't plain, right or wrong. */
export function readTag(text: string, parent: PlainTag): PlainTag | null {
  return parent.known.get(text) ?? learnTag(text, parent);
}

/** The run that stands at this place; null where none does that is known. */
export function runAt(text: string, at: number, { runs }: PlainTag): MarkupRun | null {
  for (const run of runs) {
    // `startsWith` takes five times as long.
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

/** A copy: a slice would keep its whole chunk. */
function detached(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
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

/** The namespaces that are in force behind these attributes; null where the attributes aren't plain. */
function namespacesIn(attributes: string, outer: ReadonlyMap<string, string>): ReadonlyMap<string, string> | null {
  const declared = new Map<string, string>();
  let others = 0;
  for (const [, name = '', inQuotes, inApostrophes] of attributes.matchAll(ATTRIBUTES)) {
    const isDefault = name === 'xmlns';
    if (!isDefault && !name.startsWith('xmlns:')) {
      // Two could be one in different words, by prefixes of the same namespace (Namespaces in XML 1.0, 6.3).
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

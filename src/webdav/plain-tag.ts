import type { ElementName } from './multistatus-elements.js';

/** A start tag or an empty-element tag, with the meaning of its prefixes where it stands. */
export interface PlainTag extends ElementName {
  /** As the end tag repeats it. */
  readonly qualifiedName: string;
  readonly isEmpty: boolean;
  /** As it was written. */
  readonly markup: string;
  readonly context: TagContext;
}

/** What surrounds a tag: the namespaces in force, and the tags that were read there before. */
export interface TagContext {
  /** By prefix; the default namespace by the empty string. */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly known: Map<string, PlainTag>;
}

/**
 * An answer repeats a dozen different tags, and so do all answers of a server, so what was read once is kept for all
 * of them. This many are a hundred servers' worth in half a megabyte; then it begins anew.
 */
const KNOWN_TAGS = 1_000;
/** Three declarations of namespaces are about as long; a longer tag is read each time. */
const KNOWN_LENGTH = 300;
/** Each declaration copies those around it; real documents have a handful. */
const MAX_NAMESPACES = 32;
let outermost: TagContext = { namespaces: new Map(), known: new Map() };
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
export function rootContext(): TagContext {
  return outermost;
}

/** The tag between these angle brackets; null where it isn't plain, right or wrong. */
export function readTag(text: string, context: TagContext): PlainTag | null {
  return context.known.get(text) ?? learnTag(text, context);
}

function learnTag(slice: string, context: TagContext): PlainTag | null {
  const text = Buffer.from(slice, 'utf8').toString('utf8'); // a copy: a slice would keep its whole chunk
  const tag = parseTag(text, context);
  if (tag === null || text.length > KNOWN_LENGTH) return tag;
  if (knownTags >= KNOWN_TAGS) {
    outermost = { namespaces: new Map(), known: new Map() };
    knownTags = 0;
  }
  knownTags++;
  context.known.set(text, tag);
  return tag;
}

function parseTag(text: string, context: TagContext): PlainTag | null {
  const match = TAG.exec(text);
  if (match === null) return null;
  const [, qualifiedName = '', attributes = ''] = match;
  const namespaces = namespacesIn(attributes, context.namespaces);
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
    context: namespaces === context.namespaces ? context : { namespaces, known: new Map() },
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

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { cutTo } from '../../domain/text/quote.js';
import { decodeXml } from './decode.js';
import type { XmlAttribute, XmlElement } from './element.js';

/** The bounds of a document. Genuine descriptors have at most some thousand elements, 12 deep. */
export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
  readonly attributesOfElement: number;
  /** Longer texts and values are cut to this number of characters. */
  readonly textLength: number;
}

export const XML_LIMITS: XmlLimits = {
  depth: 128,
  elements: 200_000,
  attributesOfElement: 256,
  textLength: 65_536,
};

/** The root of a document, or why there is none, with the place or the bound in words. */
export type ParsedXml =
  | {
      readonly kind: 'parsed';
      readonly root: XmlElement;
      /** Prefixes without a namespace, which other readers take as they are, too. */
      readonly undeclared: readonly string[];
    }
  | {
      readonly kind: 'invalid-xml' | 'doctype' | 'too-large';
      readonly detail: string;
      /** Whether the document ended too early. */
      readonly isCut: boolean;
    };

/** How much is handed to saxes at once, in characters: a bound is noticed that soon. */
const CHUNK = 65_536;

/** Limits what is told of prefixes: genuine descriptors have some ten. */
const MOST_UNDECLARED = 20;
const LONGEST_PREFIX = 60;

type Growing = { -readonly [K in keyof XmlElement]: XmlElement[K] } & {
  readonly children: XmlElement[];
};

/**
 * Reads a whole document with its namespaces. Knows the five predefined entities and numeric ones only and refuses a
 * document type, so the tree is never larger than the document; it is bounded by `limits` besides.
 */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = XML_LIMITS): ParsedXml {
  const decoded = decodeXml(bytes);
  if ('fault' in decoded) return { kind: 'invalid-xml', detail: decoded.fault, isCut: false };
  const reader = createReader(limits);
  try {
    for (let at = 0; at < decoded.text.length; at += CHUNK) reader.write(decoded.text.slice(at, at + CHUNK));
    const root = reader.end();
    return { kind: 'parsed', root, undeclared: reader.undeclared() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: error.kind, detail: error.message, isCut: reader.isAtEnd() };
  }
}

/** Ends a document. It is thrown through the parser, which has no other way to be stopped. */
class Refusal extends Error {
  override name = 'Refusal';
  constructor(
    readonly kind: 'invalid-xml' | 'doctype' | 'too-large',
    message: string,
  ) {
    super(message);
  }
}

function createReader(limits: XmlLimits): {
  write(text: string): void;
  end(): XmlElement;
  isAtEnd(): boolean;
  undeclared(): readonly string[];
} {
  const undeclared = new Set<string>();
  /** A prefix that nobody declares stands for itself. */
  const resolvePrefix = (prefix: string) => {
    if (prefix === '') return undefined;
    if (undeclared.size < MOST_UNDECLARED) undeclared.add(prefix.slice(0, LONGEST_PREFIX));
    return prefix;
  };
  const parser = new SaxesParser({ xmlns: true, position: true, resolvePrefix });
  const open: Growing[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let attributes = 0;
  let isAtEnd = false;

  parser.on('doctype', () => {
    throw new Refusal('doctype', 'a <!DOCTYPE, which no descriptor needs');
  });
  parser.on('error', ({ message }) => {
    throw new Refusal('invalid-xml', message.replace(/\.$/, ''));
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    elements += 1;
    if (elements > limits.elements) throw new Refusal('too-large', `more than ${limits.elements} elements`);
    if (open.length >= limits.depth) throw new Refusal('too-large', `elements more than ${limits.depth} deep`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > limits.attributesOfElement) {
      throw new Refusal('too-large', `an element with more than ${limits.attributesOfElement} attributes`);
    }
  });
  parser.on('opentag', (tag) => {
    const element: Growing = {
      local: tag.local,
      uri: tag.uri,
      attributes: attributesOf(tag, limits.textLength),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const onText = (text: string) => {
    const element = open.at(-1);
    if (element === undefined || element.text.length >= limits.textLength) return;
    element.text += cutTo(text, limits.textLength - element.text.length);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);

  return {
    write: (text) => void parser.write(text),
    end() {
      isAtEnd = true;
      parser.close();
      if (root === null) throw new Refusal('invalid-xml', 'no element');
      return root;
    },
    isAtEnd: () => isAtEnd,
    undeclared: () => [...undeclared],
  };
}

function attributesOf(tag: SaxesTagNS, textLength: number): XmlAttribute[] {
  return Object.values(tag.attributes)
    .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    .map(({ prefix, local, uri, value }) => ({ prefix, local, uri, value: cutTo(value, textLength) }));
}

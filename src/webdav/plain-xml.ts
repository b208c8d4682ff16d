import type { MultistatusElements } from './multistatus-elements.js';
import { type PlainTag, readTag, rootContext } from './plain-tag.js';

/** Reads a document for as long as it consists of plain tags and text. */
export interface PlainXml {
  /** False where something else comes: it and all behind it are left to another reader. */
  write(text: string): boolean;
  /** What was written and has not been read: the beginning of a tag, or text with no tag behind it. */
  rest(): string;
  /** Markup that brings another reader to the same place: what was in front of the root, and what is open or, if it has ended, the root. */
  outline(): string;
}

const LINE_FEED = 0x0a;
const SLASH = 0x2f;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUESTION = 0x3f;
/** XMLDecl (XML 1.0, 23), for version 1.0 only; by the encoding the text was decoded. */
const DECLARATION =
  /^\ufeff?<\?xml version=(?:"1\.0"|'1\.0')(?: encoding=(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?: standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>$/;
const BYTE_ORDER_MARK = /^\ufeff/;
const BLANKS = /^[ \t\n]*$/;
/** What character data can't be taken with as it stands (XML 1.0, 2.4 and 2.11): references, `]]>`, line ends. */
const SPECIAL = /[&>\r]/;

/** Gives plain elements to `elements`. A part that is longer than `textLength`, but for the chunks at both its ends, fails. */
export function createPlainXml(elements: MultistatusElements, textLength: number): PlainXml {
  const open: PlainTag[] = [];
  let context = rootContext();
  let root: PlainTag | null = null;
  /** All in front of the root. */
  let head = '';
  let rest = '';
  /** So much of it came with the chunk in which it begins. */
  let begun = 0;

  /** Text from one tag to the next; false where it isn't plain. */
  const takeText = (text: string): boolean => {
    if (open.length === 0) {
      if (!BLANKS.test(head === '' ? text.replace(BYTE_ORDER_MARK, '') : text)) return false;
      if (root === null) head += text;
      return true;
    }
    const plain = SPECIAL.test(text) ? resolveReferences(text) : text;
    if (plain !== null) elements.text(plain);
    return plain !== null;
  };

  const takeStart = (tag: PlainTag) => {
    root ??= tag;
    elements.open(tag);
    if (tag.isEmpty) {
      elements.close();
      return;
    }
    open.push(tag);
    context = tag.context;
  };

  /** Reads all tags up to `end`, which lies behind one; answers how far it came. */
  const read = (text: string, end: number): number => {
    let at = 0;
    while (at < end) {
      if (text.charCodeAt(at) !== LESS) {
        const less = text.indexOf('<', at);
        if (less === -1 || less >= end) return at; // a `>` in the text
        const isLineFeed = less === at + 1 && text.charCodeAt(at) === LINE_FEED && !elements.isCapturing();
        if (!isLineFeed && !takeText(text.slice(at, less))) return at;
        at = less;
      }
      const next = text.charCodeAt(at + 1);
      if (next === SLASH) {
        const tag = open[open.length - 1];
        if (tag === undefined || !text.startsWith(tag.qualifiedName, at + 2)) return at;
        const greater = at + 2 + tag.qualifiedName.length;
        if (text.charCodeAt(greater) !== GREATER) return at;
        elements.close();
        open.pop();
        context = (open[open.length - 1] ?? tag).context;
        at = greater + 1;
      } else {
        const greater = text.indexOf('>', at);
        if (root !== null && open.length === 0) return at;
        if (next === QUESTION && root === null && DECLARATION.test(head + text.slice(at, greater + 1))) {
          head += text.slice(at, greater + 1);
        } else {
          const tag = readTag(text.slice(at + 1, greater), context);
          if (tag === null) return at;
          takeStart(tag);
        }
        at = greater + 1;
      }
    }
    return at;
  };

  /** Of the text or, once it has begun, the tag that is to be read next. */
  const partLength = () => {
    if (rest.length - begun <= textLength) return 0;
    return rest.length - Math.max(begun, rest.indexOf('<'));
  };

  return {
    write(piece) {
      rest += piece;
      if (!piece.includes('>')) {
        if (partLength() > textLength + piece.length) {
          elements.fail('too-large', `a part of the XML is longer than ${textLength} characters`);
        }
        return true;
      }
      const end = rest.lastIndexOf('>') + 1;
      const at = read(rest, end);
      rest = rest.slice(at);
      begun = rest.length;
      return at === end;
    },
    rest: () => rest,
    outline() {
      if (root === null || open.length > 0) return head + open.map(({ markup }) => markup).join('');
      return root.isEmpty ? head + root.markup : `${head}${root.markup}</${root.qualifiedName}>`;
    },
  };
}

const PREDEFINED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
/** CharRef (XML 1.0, 66); of more digits there is no character. */
const CHARACTER_REFERENCE = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/;

/** Text with its references replaced; null where one is none that every document has, or something else isn't plain. */
function resolveReferences(text: string): string | null {
  if (text.includes('>') || text.includes('\r')) return null;
  const [first = '', ...others] = text.split('&');
  let resolved = first;
  for (const other of others) {
    const semicolon = other.indexOf(';');
    const character = semicolon === -1 ? null : characterOf(other.slice(0, semicolon));
    if (character === null) return null;
    resolved += character + other.slice(semicolon + 1);
  }
  return resolved;
}

function characterOf(name: string): string | null {
  const predefined = PREDEFINED.get(name);
  if (predefined !== undefined) return predefined;
  const [, decimal, hex = ''] = CHARACTER_REFERENCE.exec(name) ?? [];
  const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
  return isChar(code) ? String.fromCodePoint(code) : null;
}

/** Char (XML 1.0, 2). */
function isChar(code: number): boolean {
  return (
    code === 0x09 ||
    code === 0x0a ||
    code === 0x0d ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x1_0000 && code <= 0x10_ffff)
  );
}

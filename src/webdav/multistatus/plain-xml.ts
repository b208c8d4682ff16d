import type { MultistatusElements, ResponsesRead } from './elements.js';
import { documentTag, learnRun, type PlainTag, readTag, runAt } from './plain-tag.js';
import { isLiteral, plainText } from './plain-text.js';
import { type FieldPlace, type ResponseShapes, shapesIn } from './response-shapes.js';

/** Reads a document for as long as it consists of plain tags and text. */
export interface PlainXml {
  /** Returns false if something else comes, which is left, with everything after it, to another reader. */
  write(text: string): boolean;
  /** The unread rest of what was written: the beginning of a tag, or text not yet followed by a tag. */
  rest(): string;
  /**
   * Markup that brings another reader to the same state: everything before the root, and all open tags or, if it has
   * ended, the root.
   */
  outline(): string;
}

/** A response that is read tag by tag, and what its shape is learned from. */
interface Lesson {
  /** Where it begins, and how many were passed on before it. */
  readonly from: number;
  readonly count: number;
  readonly places: FieldPlace[];
}

const LINE_FEED = 0x0a;
const SLASH = 0x2f;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUESTION = 0x3f;
/** An XMLDecl (XML 1.0, 23) of version 1.0; its encoding has already been used for decoding. */
const DECLARATION =
  /^\ufeff?<\?xml version=(?:"1\.0"|'1\.0')(?: encoding=(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?: standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>$/;
const BYTE_ORDER_MARK = /^\ufeff/;
const BLANKS = /^[ \t\n]*$/;

/** Passes plain elements to `elements`. A response with a text longer than `textLength` is never read as a whole. */
export function createPlainXml(elements: MultistatusElements, textLength: number): PlainXml {
  const document = documentTag();
  /** The innermost open tag. */
  let here = document;
  let root: PlainTag | null = null;
  /** The steps read so far of a run that is being learned. */
  let steps: (PlainTag | null)[] | null = null;
  /** Everything before the root. */
  let head = '';
  let rest = '';
  /** Those of the root, once it is needed. */
  let shapes: ResponseShapes | null = null;
  /** Whether the texts of what is being read have no references to replace. */
  let areLiteral = false;
  /** The response that is being read tag by tag, if its shape can be learned: all of it lies in what is read at once. */
  let lesson: Lesson | null = null;

  /** Takes the text between two tags; false if it isn't plain. */
  const takeText = (text: string): boolean => {
    if (here === document) {
      if (!BLANKS.test(head === '' ? text.replace(BYTE_ORDER_MARK, '') : text)) return false;
      if (root === null) head += text;
      return true;
    }
    const plain = plainText(text);
    if (plain !== null) elements.text(plain);
    return plain !== null;
  };

  const takeStart = (tag: PlainTag) => {
    root ??= tag;
    elements.open(tag);
    steps?.push(tag);
    if (tag.isEmpty) {
      elements.close();
      steps?.push(null);
    } else {
      here = tag;
    }
  };

  const takeEnd = () => {
    elements.close();
    steps?.push(null);
    here = here.parent ?? document;
  };

  /** Reads one tag; returns where it ends, or -1 if it isn't plain. */
  const readOne = (text: string, at: number): number => {
    const next = text.charCodeAt(at + 1);
    if (next === SLASH) {
      const greater = at + 2 + here.qualifiedName.length;
      if (here === document || !text.startsWith(here.qualifiedName, at + 2)) return -1;
      if (text.charCodeAt(greater) !== GREATER) return -1;
      takeEnd();
      return greater + 1;
    }
    const greater = text.indexOf('>', at);
    if (root !== null && here === document) return -1;
    if (next === QUESTION && root === null && DECLARATION.test(head + text.slice(at, greater + 1))) {
      head += text.slice(at, greater + 1);
      return greater + 1;
    }
    const tag = readTag(text.slice(at + 1, greater), here);
    if (tag === null) return -1;
    takeStart(tag);
    return greater + 1;
  };

  /** Reads from the end of a wanted text to the next one, or as far as possible; returns the end like `readOne`. */
  const readRun = (text: string, start: number, end: number): number => {
    const run = runAt(text, start, here);
    if (run === null) return learnRunAt(text, start, end);
    for (const tag of run.steps) {
      if (tag === null) elements.close();
      else elements.open(tag);
    }
    here = run.end;
    return start + run.markup.length;
  };

  const learnRunAt = (text: string, start: number, end: number): number => {
    const from = here;
    const read: (PlainTag | null)[] = [];
    steps = read;
    let at = readOne(text, start);
    while (at !== -1 && at < end && here !== document && here !== root && !elements.isCapturing()) {
      const less = text.indexOf('<', at);
      const next = less !== -1 && less < end && BLANKS.test(text.slice(at, less)) ? readOne(text, less) : -1;
      if (next === -1) break;
      at = next;
    }
    steps = null;
    // After a failure nothing is captured, which says nothing about the run.
    const isWhole = at !== -1 && (elements.isCapturing() || here === root) && elements.failure() === null;
    if (isWhole) learnRun(from, { markup: text.slice(start, at), steps: read, end: here });
    return at;
  };

  /** Between two responses: learns from the last one, and reads as many as look like one before; returns the end. */
  const readAlike = (responses: ResponsesRead, text: string, start: number, end: number): number => {
    shapes ??= shapesIn(here);
    const last = responses.last();
    if (lesson !== null && last !== null && responses.count() === lesson.count + 1) {
      shapes.learn(text, [lesson.from, start], lesson.places, last);
    }
    const at = shapes.read(text, [start, end], { textLength, areLiteral }, responses.take);
    lesson = shapes.isLearning() ? { from: at, count: responses.count(), places: [] } : null;
    return at;
  };

  /** Notes where a text of the response stands that is being learned from. */
  const notePlace = (from: number, to: number) => {
    const field = elements.responses?.capturing() ?? null;
    if (field !== null && field !== 'status') lesson?.places.push({ field, from, to });
  };

  /** Reads all tags up to `end`, which follows a tag; returns how far it got. */
  const read = (text: string, end: number): number => {
    let at = 0;
    lesson = null;
    areLiteral = isLiteral(text);
    while (at < end) {
      if (here === root && elements.responses !== null) at = readAlike(elements.responses, text, at, end);
      if (at === end) break;
      if (text.charCodeAt(at) !== LESS) {
        const less = text.indexOf('<', at);
        if (less === -1 || less >= end) return at; // a `>` in the text
        const isLineFeed = less === at + 1 && text.charCodeAt(at) === LINE_FEED && !elements.isCapturing();
        if (!isLineFeed && !takeText(text.slice(at, less))) return at;
        if (lesson !== null) notePlace(at, less);
        at = less;
      }
      const next = elements.isCapturing() ? readRun(text, at, end) : readOne(text, at);
      if (next === -1) return at;
      at = next;
    }
    return at;
  };

  return {
    write(piece) {
      rest += piece;
      if (!piece.includes('>')) return true;
      const end = rest.lastIndexOf('>') + 1;
      const at = read(rest, end);
      rest = rest.slice(at);
      return at === end;
    },
    rest: () => rest,
    outline() {
      if (root === null || here !== document) return head + markupOf(here);
      return root.isEmpty ? head + root.markup : `${head}${root.markup}</${root.qualifiedName}>`;
    },
  };
}

/** Returns the start tags of all open elements. */
function markupOf(innermost: PlainTag): string {
  let markup = '';
  for (let tag = innermost; tag.parent !== null; tag = tag.parent) markup = tag.markup + markup;
  return markup;
}

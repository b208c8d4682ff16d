import type { PlainTag } from './plain-tag.js';
import { plainText } from './plain-text.js';
import { type MultistatusResponse, type TextProperty, trimHref } from './response.js';
import { detached } from './xml-text.js';

/**
 * The shapes of responses. A server writes all files of a collection alike, and all collections: but for a few texts the
 * markup is the same. A response of a known shape is read as a whole, by comparing that markup and cutting out the
 * texts, in place of tag by tag.
 */
export interface ResponseShapes {
  /**
   * Reads as many responses of known shapes as follow each other between the two places, and passes each to `take`, which
   * returns false to stop. Returns where the last one ends.
   */
  read(text: string, between: Between, terms: TextTerms, take: (response: MultistatusResponse) => boolean): number;
  /** Whether there is room for more shapes. */
  isLearning(): boolean;
  /** Learns from a response between two places that another reader understood as `response`, if it has a shape. */
  learn(text: string, between: Between, places: readonly FieldPlace[], response: MultistatusResponse): void;
}

type Between = readonly [start: number, end: number];

interface TextTerms {
  /** A longer text is left to other readers. */
  readonly textLength: number;
  /** As `isLiteral` says of the whole text. */
  readonly areLiteral: boolean;
}

type Field = 'href' | TextProperty;

/** A text of a response, and where it stands. */
export interface FieldPlace {
  readonly field: Field;
  readonly from: number;
  readonly to: number;
}

interface Shape {
  /** The markup before each text, and after the last one. */
  readonly literals: readonly string[];
  readonly fields: readonly Field[];
  /** What all responses of this shape say beside their texts; filled in for each. */
  readonly response: MultistatusResponse;
}

/** Files and collections, some with a property less or an error of one. */
const KNOWN_SHAPES = 6;
/** A server whose every response has a shape of its own is not learned from for ever. */
const MOST_LESSONS = 60;
/** Apache's longest response has 800 characters. */
const LONGEST_SHAPE = 4_000;

/** By the root that they were read in, whose markup decides what prefixes mean; they go with it. */
const shapesOfRoots = new WeakMap<PlainTag, ResponseShapes>();

/** Returns the shapes of the responses that were read directly inside of this root before. */
export function shapesIn(root: PlainTag): ResponseShapes {
  const known = shapesOfRoots.get(root) ?? createResponseShapes();
  shapesOfRoots.set(root, known);
  return known;
}

function createResponseShapes(): ResponseShapes {
  const shapes: Shape[] = [];
  let lessons = 0;

  return {
    read(text, [start, end], terms, take) {
      let at = start;
      for (let i = 0; i < shapes.length; ) {
        const shape = shapes[i] as Shape;
        const next = readShape(shape, text, [at, end], terms);
        if (next === -1) {
          i++;
          continue;
        }
        at = next;
        if (!take(shape.response)) break;
        i = 0;
      }
      return at;
    },
    isLearning: () => lessons < MOST_LESSONS,
    learn(text, between, places, response) {
      lessons++;
      const shape = shapeOf(text, between, places, response);
      if (shape === null) return;
      if (shapes.length === KNOWN_SHAPES) shapes.shift();
      shapes.push(shape);
    },
  };
}

/** Returns the shape of the response between two places, as another reader understood it; null if it can't have one. */
function shapeOf(
  text: string,
  [start, end]: Between,
  places: readonly FieldPlace[],
  read: MultistatusResponse,
): Shape | null {
  if (end - start > LONGEST_SHAPE) return null;
  const fields = places.map(({ field }) => field);
  if (new Set(fields).size < fields.length || !fields.includes('href')) return null;
  const response = { ...read };
  const literals: string[] = [];
  let at = start;
  for (const { field, from, to } of places) {
    // A value that counts for nothing, or not as it is, such as one of a property that failed, is no part of a shape.
    if (anyValue(field, text.slice(from, to)) !== read[field]) return null;
    literals.push(detached(text.slice(at, from)));
    set(response, field, '');
    at = to;
  }
  literals.push(detached(text.slice(at, end)));
  return { literals, fields, response };
}

/**
 * Reads the response at this place if it has the shape and ends before `end`: fills in `shape.response` and returns
 * where it ends, or -1. A text longer than `textLength`, or one that only saxes can read, is left to other readers.
 */
function readShape(
  { literals, fields, response }: Shape,
  text: string,
  [start, end]: Between,
  { textLength, areLiteral }: TextTerms,
): number {
  const fieldValue = areLiteral ? literalValue : anyValue;
  let at = start;
  for (let i = 0; ; i++) {
    const literal = literals[i] as string;
    const from = at + literal.length;
    // Five times as fast as `startsWith`.
    if (from > end || text.slice(at, from) !== literal) return -1;
    if (i === fields.length) return from;
    at = text.indexOf('<', from);
    if (at === -1 || at >= end || at - from > textLength) return -1;
    const value = fieldValue(fields[i] as Field, text.slice(from, at));
    if (value === null) return -1;
    set(response, fields[i] as Field, value);
  }
}

/** Returns the value that a text gives to a property; null if only saxes can read it. */
type FieldValue = (field: Field, text: string) => string | null;

const literalValue: FieldValue = (field, text) => (text.includes('>') ? null : trimmedValue(field, text));

const anyValue: FieldValue = (field, text) => {
  const value = plainText(text);
  return value === null ? null : trimmedValue(field, value);
};

function trimmedValue(field: Field, value: string): string {
  return field === 'href' ? trimHref(value) : value;
}

/** Sets one property: each by its name, since the engine is slow with computed ones. */
function set(response: MultistatusResponse, field: Field, value: string): void {
  if (field === 'href') response.href = value;
  else if (field === 'contentLength') response.contentLength = value;
  else if (field === 'lastModified') response.lastModified = value;
  else if (field === 'etag') response.etag = value;
  else response[field] = value;
}

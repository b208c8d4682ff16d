import { LRUCache } from 'lru-cache';
import { type NameTexts, SEPARATOR } from './name-texts.js';
import type { PlacesById } from './places-by-id.js';

/** The name keys of a list in its order, and the ids of their images. A place is a position in the list. */
export interface NameTable {
  readonly ids: Uint32Array;
  /** Memory that it takes. */
  readonly bytes: number;
  readonly blocks: number;
  /** Returns the name key at a place, as bytes. */
  keyAt(place: number): string;
  /** Returns the place of an image; undefined if it isn't in the list. */
  placeOf(id: number): number | undefined;
  /** Returns the places in a block whose names meet these requirements, in ascending order. */
  placesIn(block: number, texts: NameTexts): readonly number[];
  /** Counts them for each block. */
  countsOf(texts: NameTexts): Uint32Array;
}

/** Some names in a row. */
export interface NameBlock {
  /** The name keys as bytes, with a separator behind each. */
  readonly text: string;
  /** Where each ends, its separator included. */
  readonly ends: Uint32Array;
}

const BITS = 14;
/** The names of a block, but for the last one: some 600 KB, searched in less than 0.4 ms. */
export const NAMES_OF_BLOCK = 2 ** BITS;
/** Texts whose counts are kept, of all blocks: with 1,000,000 names 250 bytes each. A client that turns pages asks for the same. */
const COUNTED_TEXTS = 100;

/** Makes a block of name keys, given as bytes or, if all are ASCII, as they are. */
export function nameBlock(keys: readonly string[]): NameBlock {
  const ends = new Uint32Array(keys.length);
  let end = 0;
  for (const [i, key] of keys.entries()) {
    end += key.length + 1;
    ends[i] = end;
  }
  // Copied: what V8 has joined may have two bytes for each character.
  const text = Buffer.from(keys.join(SEPARATOR) + SEPARATOR, 'latin1').toString('latin1');
  return { text, ends };
}

/** Makes a table of full blocks in a row. */
export function createNameTable(blocks: readonly NameBlock[], ids: Uint32Array, byId: PlacesById): NameTable {
  const counted = new LRUCache<string, Uint32Array>({ max: COUNTED_TEXTS });
  const placesIn = (block: number, texts: NameTexts): readonly number[] => {
    const of = blocks[block];
    return of === undefined ? [] : placesOf(of, block * NAMES_OF_BLOCK, texts);
  };
  return {
    ids,
    bytes: ids.byteLength + byId.bytes + blocks.reduce((sum, { text, ends }) => sum + text.length + ends.byteLength, 0),
    blocks: blocks.length,
    keyAt(place) {
      const block = blocks[place >> BITS];
      if (block === undefined) return '';
      const i = place & (NAMES_OF_BLOCK - 1);
      return block.text.slice(i === 0 ? 0 : block.ends[i - 1], (block.ends[i] ?? 1) - 1);
    },
    placeOf: byId.placeOf,
    placesIn,
    countsOf(texts) {
      const known = counted.get(texts.key);
      if (known !== undefined) return known;
      const counts = Uint32Array.from(blocks, (_block, i) => placesIn(i, texts).length);
      counted.set(texts.key, counts);
      return counts;
    },
  };
}

/** One search for each name that contains the longest text: 2 to 22 ms for all of 1,000,000 names. */
function placesOf({ text, ends }: NameBlock, first: number, { longest, others }: NameTexts): readonly number[] {
  const places: number[] = [];
  let i = 0;
  for (let found = text.indexOf(longest); found !== -1; ) {
    while ((ends[i] ?? text.length) <= found) i++;
    const end = ends[i] ?? text.length;
    if (others === null || others(text.slice(i === 0 ? 0 : ends[i - 1], end - 1))) places.push(first + i);
    found = text.indexOf(longest, end);
  }
  return places;
}

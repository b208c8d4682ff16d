import type { Cursor } from '../domain/lists/cursor.js';

/** Rows of one list in one order whose positions are known, at one revision, so that no page is far from one. */
export interface Landmarks {
  /**
   * Returns the nearest way to the `limit` rows from `offset` on: directly after or before a known row, and how many
   * rows to skip.
   */
  nearest(offset: number, limit: number): { readonly cursor: Cursor; readonly skipped: number } | null;
  /** Keeps a row of a page, for requests that continue from there. */
  note(index: number, keys: Cursor['keys']): void;
  /** Keeps a row on the way through the list, for requests that jump. False if its keys are too long to be kept. */
  fix(index: number, keys: Cursor['keys']): boolean;
}

/** Rows of pages that are kept; the oldest is dropped. A client that counts pages continues from the last one. */
const NOTED = 32;
/** The most strides, evenly spread: with 1,000,000 images the nearest landmark is 8,000 away, which are skipped in 1 ms. */
export const STRIDES = 64;
/** Strides start at either end and at a noted page; those of different starts rarely coincide. */
const FIXED = 2 * STRIDES;
/** Longer keys, of names and paths that are longer still, are not kept: they are rare, and this bounds the size of a list. */
const KEPT_CHARACTERS = 500;

/** The most characters that the landmarks of a list take. */
export const LANDMARKS_CHARACTERS = (NOTED + FIXED) * KEPT_CHARACTERS;

export function createLandmarks(): Landmarks {
  const noted = new Map<number, Cursor['keys']>();
  const fixed = new Map<number, Cursor['keys']>();
  return {
    nearest: (offset, limit) => {
      let best: { cursor: Cursor; skipped: number } | null = null;
      for (const known of [noted, fixed]) {
        for (const [index, keys] of known) {
          const isBefore = index < offset;
          const skipped = isBefore ? offset - index - 1 : index - offset - limit;
          if (skipped < 0 || (best !== null && best.skipped <= skipped)) continue;
          best = { cursor: { side: isBefore ? 'after' : 'before', keys }, skipped };
        }
      }
      return best;
    },
    note: (index, keys) => void keep(noted, NOTED, index, keys),
    fix: (index, keys) => keep(fixed, FIXED, index, keys),
  };
}

function keep(known: Map<number, Cursor['keys']>, atMost: number, index: number, keys: Cursor['keys']): boolean {
  known.delete(index);
  if (keys.reduce((sum: number, key) => sum + `${key}`.length, 0) > KEPT_CHARACTERS) return false;
  known.set(index, keys);
  const [oldest] = known.keys();
  if (known.size > atMost && oldest !== undefined) known.delete(oldest);
  return true;
}

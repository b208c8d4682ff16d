import type { Cursor } from '../../domain/lists/cursor.js';

/** Rows of one list in one order whose place is known, at one revision: from there a page isn't far. */
export interface Landmarks {
  /** The nearest way to `limit` rows from `offset` on: right behind or before a known row, and how many to pass over. */
  nearest(offset: number, limit: number): { readonly cursor: Cursor; readonly skipped: number } | null;
  /** Keeps a row of a page, for those who go on from there. */
  note(index: number, keys: Cursor['keys']): void;
  /** Keeps a row on the way through the list, for those who jump. False where its keys are too long to be kept. */
  fix(index: number, keys: Cursor['keys']): boolean;
}

/** Of the rows of pages; the oldest is forgotten. A client that counts pages goes on from the last one. */
const NOTED = 32;
/** So many rows at most, evenly spread: of 1,000,000 images the nearest is 8,000 away, which are passed in 1 ms. */
export const STRIDES = 64;
/** From either end and from a page that was noted: strides seldom end where others did. */
const FIXED = 2 * STRIDES;
/** Longer keys, of names and paths that are longer still, are not kept: there are few, and this bounds what a list takes. */
const KEPT_CHARACTERS = 500;

/** The most that the landmarks of a list take. */
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

import type { Cursor } from '../domain/cursor.js';

/** Rows of one list in one order whose place is known, at one revision: from there a page isn't far. */
export interface Landmarks {
  /** The nearest way to `limit` rows from `offset` on: right behind or before a known row, and how many to pass over. */
  nearest(offset: number, limit: number): { readonly cursor: Cursor; readonly skipped: number } | null;
  note(index: number, keys: Cursor['keys']): void;
}

/** Of one list; the oldest is forgotten. A client that counts pages goes on from the last one. */
const KEPT = 32;
/** Longer keys, of names and paths that are longer still, are not kept: there are few, and this bounds what a list takes. */
const KEPT_CHARACTERS = 1_000;

/** The most that the landmarks of a list take. */
export const LANDMARKS_CHARACTERS = KEPT * KEPT_CHARACTERS;

export function createLandmarks(): Landmarks {
  const known = new Map<number, Cursor['keys']>();
  return {
    nearest: (offset, limit) => {
      let best: { cursor: Cursor; skipped: number } | null = null;
      for (const [index, keys] of known) {
        const isBefore = index < offset;
        const skipped = isBefore ? offset - index - 1 : index - offset - limit;
        if (skipped < 0 || (best !== null && best.skipped <= skipped)) continue;
        best = { cursor: { side: isBefore ? 'after' : 'before', keys }, skipped };
      }
      return best;
    },
    note: (index, keys) => {
      known.delete(index);
      if (keys.reduce((sum: number, key) => sum + `${key}`.length, 0) > KEPT_CHARACTERS) return;
      known.set(index, keys);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    },
  };
}

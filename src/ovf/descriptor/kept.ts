import type { Notes } from './notes.js';

/** The most of anything that is kept: genuine descriptors have some hundred properties, and 64 files. */
const MOST_KEPT = 2_000;
/**
 * The most text of all lists together, in characters, as many as the largest descriptor has bytes: there is more only
 * where many name the same text, a message or the class of their section.
 */
const MOST_TEXT = 4 * 1024 * 1024;

/** Keeps the beginning of a list, and notes how much of it that is; `what` is what it lists, in the plural. */
export type Keep = <T>(list: readonly T[], what: string) => readonly T[];

/** Bounds the lists of one descriptor, each by its length, all by what text they have together. */
export function createKeeper(notes: Notes): Keep {
  let text = 0;
  return (list, what) => {
    let count = 0;
    for (const each of list.slice(0, MOST_KEPT)) {
      const length = textIn(each);
      if (text + length > MOST_TEXT) break;
      text += length;
      count += 1;
    }
    if (count === list.length) return list;
    notes.add(`of ${list.length} ${what} the first ${count} are kept`);
    return list.slice(0, count);
  };
}

function textIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + textIn(each), 0);
}

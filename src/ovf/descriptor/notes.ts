import { quote } from '../../domain/text/quote.js';

/** Gathers what is odd about an image but does no harm, in words. */
export interface Notes {
  add(note: string): void;
  all(): readonly string[];
}

/** As many notes as anybody reads; a descriptor may have any number of odd values. */
const MOST_NOTES = 32;

/** Keeps each note once, in order, and tells how many more there were than it keeps. */
export function createNotes(): Notes {
  const notes = new Set<string>();
  let more = 0;
  return {
    add(note) {
      if (notes.has(note)) return;
      if (notes.size < MOST_NOTES) notes.add(note);
      else more += 1;
    },
    all: () => (more === 0 ? [...notes] : [...notes, `and more like these: ${more}`]),
  };
}

/** Returns a value of the descriptor as it is shown in a note: in quotes, in one line, and cut if it is long. */
export function quoted(value: string): string {
  return quote(value.replace(/\s+/g, ' ').trim());
}

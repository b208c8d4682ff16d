/** Three characters of a text. */
export interface ComparedTrigram {
  readonly trigram: string;
  /** About the share of all names that have it. */
  readonly share: number;
}

export interface FurtherTrigrams {
  readonly trigrams: readonly string[];
  /** About so many images are left with them. */
  readonly images: number;
}

/** Entries of a list that are read while an image is looked up: 10 ns each against 2.5 µs. */
const READ_FOR_ONE = 250;
/** Texts are read to here for their trigrams: a name that holds a long text holds its beginning. */
const READ_CHARACTERS = 256;
/** FTS5 reads an expression to its first NUL, and half a character is none. */
const UNUSABLE = /[\0\p{Surrogate}]/u;

export function trigramsOf(texts: readonly string[]): readonly string[] {
  const trigrams = new Set<string>();
  for (const text of texts) {
    const characters = [...text.slice(0, READ_CHARACTERS)];
    for (let i = 0; i + 3 <= characters.length; i++) {
      const trigram = characters.slice(i, i + 3).join('');
      if (!UNUSABLE.test(trigram)) trigrams.add(trigram);
    }
  }
  return [...trigrams];
}

/**
 * Those whose lists take less time to read than what they leave out of so many images would take to look up; `extent`
 * images are in the lists. What they leave out is counted in the names of some of these images, for shares tell
 * little of it: names with `ubu` have `bun`, too.
 */
export function furtherTrigrams(
  compared: readonly ComparedTrigram[],
  names: readonly string[],
  images: number,
  extent: number,
): FurtherTrigrams {
  const imagesOfName = images / names.length;
  const trigrams: string[] = [];
  for (let left = names; ; ) {
    let best: { readonly trigram: string; readonly left: readonly string[]; readonly gain: number } | null = null;
    for (const { trigram, share } of compared) {
      const having = left.filter((name) => name.includes(trigram));
      const gain = (left.length - having.length) * imagesOfName * READ_FOR_ONE - share * extent;
      if (gain > (best?.gain ?? 0)) best = { trigram, left: having, gain };
    }
    if (best === null) return { trigrams, images: left.length === 0 ? 0 : left.length * imagesOfName };
    trigrams.push(best.trigram);
    left = best.left;
  }
}

/** As many of them as wanted, from the first to the last. */
export function spread<T>(items: readonly T[], wanted: number): readonly T[] {
  if (items.length <= wanted) return items;
  return items.filter(
    (_item, i) => Math.floor((i * wanted) / items.length) !== Math.floor(((i - 1) * wanted) / items.length),
  );
}

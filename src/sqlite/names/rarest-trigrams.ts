/** Three characters of a text. */
export interface ComparedTrigram {
  readonly trigram: string;
  /** The approximate share of all names that contain it. */
  readonly share: number;
}

export interface FurtherTrigrams {
  readonly trigrams: readonly string[];
  /** About how many images are left with them. */
  readonly images: number;
  /** What they save, less what reading their lists costs, in entries of lists that are read in that time. */
  readonly gain: number;
}

/** What there is to search. */
export interface Searched {
  /** The names of some of the images that are left. */
  readonly names: readonly string[];
  /** About how many images are left. */
  readonly images: number;
  /** How many images are in the lists. */
  readonly extent: number;
  /** How many entries of a list, 10 ns each, are read in the time of looking up an image in vain. */
  readonly readForOne: number;
}

/** Only this much of a text is used for trigrams: a name that contains a long text contains its beginning. */
const READ_CHARACTERS = 256;
/** FTS5 reads an expression only up to its first NUL, and half a character can't be searched. */
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
 * Selects those whose lists take less time to read than the images that they rule out would take to look up. What they rule out is
 * counted in the names of some of the images, since shares tell little about it: names with `ubu` have `bun`, too.
 */
export function furtherTrigrams(
  compared: readonly ComparedTrigram[],
  { names, images, extent, readForOne }: Searched,
): FurtherTrigrams {
  const imagesOfName = images / names.length;
  const trigrams: string[] = [];
  let sum = 0;
  for (let left = names; ; ) {
    let best: { readonly trigram: string; readonly left: readonly string[]; readonly gain: number } | null = null;
    for (const { trigram, share } of compared) {
      const having = left.filter((name) => name.includes(trigram));
      const gain = (left.length - having.length) * imagesOfName * readForOne - share * extent;
      if (gain > (best?.gain ?? 0)) best = { trigram, left: having, gain };
    }
    if (best === null) return { trigrams, images: left.length === 0 ? 0 : left.length * imagesOfName, gain: sum };
    trigrams.push(best.trigram);
    sum += best.gain;
    left = best.left;
  }
}

/** Returns `wanted` of the items, evenly spread from the first to the last. */
export function spread<T>(items: readonly T[], wanted: number): readonly T[] {
  if (items.length <= wanted) return items;
  return items.filter(
    (_item, i) => Math.floor((i * wanted) / items.length) !== Math.floor(((i - 1) * wanted) / items.length),
  );
}

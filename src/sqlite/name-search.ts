import type { Database } from 'better-sqlite3';
import { spaceTrigram } from './name-index.js';

/** Finds the images that may have some texts in their names. */
export interface NameSearch {
  /**
   * The ids of all images of a space (null: of all spaces) whose name key may hold every one of these texts, and maybe
   * of others; null where there are more than `atMost`, or the texts are too short for trigrams.
   */
  candidates(texts: readonly string[], spaceId: number | null, atMost: number): readonly number[] | null;
}

/**
 * A space of fewer images is searched in its covering index. Measured with 10,000: that takes 0.9 ms, by rare trigrams
 * 0.25 ms, and to find out that a text is common 0.06 to 0.13 ms.
 */
export const INDEXED_FROM_IMAGES = 10_000;
/**
 * Looking up an image costs 10 times as much as passing it in the covering index, and many times
 * that from a cold disk: no more than this share of a space is looked up.
 */
export const LOOKED_UP_SHARE = 1 / 50;

/** So many trigrams are intersected at first: the rarest lead to few images, and each further one is another list to read. */
const INTERSECTED = 3;
/** So many further ones, where that is quicker than looking up what they would leave out. */
const INTERSECTED_FURTHER = 3;
/** Entries of a list that are read while a quarter of an image is looked up: 6 ns each against 2.3 µs. */
const READ_FOR_ONE = 100;
/** So many of a longer text, evenly spread over it, are compared for the rarest ones; each costs some 30 µs. */
const COMPARED = 10;
/**
 * A trigram is the rarer, the higher the id of the image that is the 64th with it. Counting in the newest images
 * would take ten times as long: lists are read from their beginning.
 */
const COMPARED_HIT = 64;
/** Texts are read to here for their trigrams: a name that holds a long text holds its beginning. */
const READ_CHARACTERS = 256;
/** A space that holds less than this share of all images is sought by its own trigram, too, lest others' be walked through. */
const LARGE_SHARE = 1 / 4;

/** FTS5 reads an expression to its first NUL, and half a character is none. */
const UNUSABLE = /[\0\p{Surrogate}]/u;

export const CANDIDATES_SQL = 'SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ? LIMIT ?';
/** Those that the index doesn't hold yet. */
export const NEW_IMAGES_SQL = `SELECT id FROM images
  WHERE id > :extent AND (:spaceId IS NULL OR +space = :spaceId) AND missing_since IS NULL AND instr(name_key, :text) > 0`;
export const COMPARED_SQL = `SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ? LIMIT 1 OFFSET ${COMPARED_HIT - 1}`;

export function createNameSearch(db: Database): NameSearch {
  const selectExtent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck();
  const selectCandidates = db.prepare<[string, number], number>(CANDIDATES_SQL).pluck();
  const selectNew = db
    .prepare<[{ extent: number; spaceId: number | null; text: string }], number>(NEW_IMAGES_SQL)
    .pluck();
  const selectCompared = db.prepare<[string], number>(COMPARED_SQL).pluck();
  const countImages = db.prepare<[number], number>('SELECT images FROM spaces WHERE id = ?').pluck();

  /** The rarest first, each with about the share of the names that have it. */
  const compare = (trigrams: readonly string[]) =>
    spread(trigrams, COMPARED)
      .map((trigram) => ({ trigram, share: COMPARED_HIT / (selectCompared.get(quoted(trigram)) ?? Infinity) }))
      .sort((a, b) => a.share - b.share);

  const intersect = (trigrams: readonly string[], alsoOf: readonly string[], atMost: number, extent: number) => {
    const find = (wanted: readonly string[]) =>
      selectCandidates.all([...wanted, ...alsoOf].map(quoted).join(' AND '), atMost + 1);
    if (trigrams.length <= INTERSECTED) return find(trigrams);
    const compared = compare(trigrams);
    const wanted = compared.slice(0, INTERSECTED).map(({ trigram }) => trigram);
    const found = find(wanted);
    let worthReading = found.length * READ_FOR_ONE;
    for (const { trigram, share } of compared.slice(INTERSECTED, INTERSECTED + INTERSECTED_FURTHER)) {
      worthReading -= share * extent;
      if (worthReading < 0) break;
      wanted.push(trigram);
    }
    return wanted.length > INTERSECTED ? find(wanted) : found;
  };

  return {
    candidates: (texts, spaceId, atMost) => {
      const trigrams = trigramsOf(texts);
      if (trigrams.length === 0) return null;
      const extent = selectExtent.get() ?? 0;
      const isSmall = spaceId !== null && (countImages.get(spaceId) ?? 0) < extent * LARGE_SHARE;
      const found = intersect(trigrams, isSmall ? [spaceTrigram(spaceId)] : [], atMost, extent);
      if (found.length > atMost) return null;
      const text = texts.reduce((longest, each) => (each.length > longest.length ? each : longest));
      return [...found, ...selectNew.all({ extent, spaceId, text })];
    },
  };
}

function trigramsOf(texts: readonly string[]): readonly string[] {
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

/** As many of them as wanted, from the first to the last. */
function spread<T>(items: readonly T[], wanted: number): readonly T[] {
  if (items.length <= wanted) return items;
  return items.filter(
    (_item, i) => Math.floor((i * wanted) / items.length) !== Math.floor(((i - 1) * wanted) / items.length),
  );
}

function quoted(trigram: string): string {
  return `"${trigram.replaceAll('"', '""')}"`;
}

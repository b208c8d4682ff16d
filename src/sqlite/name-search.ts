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
 * A space of fewer images is searched in its covering index: that takes about as long
 * as finding the rarest trigrams and looking up what they lead to.
 */
export const INDEXED_FROM_IMAGES = 10_000;
/**
 * Looking up an image costs 10 times as much as passing it in the covering index, and many times
 * that from a cold disk: no more than this share of a space is looked up.
 */
export const LOOKED_UP_SHARE = 1 / 50;

/** So many trigrams are intersected at most: the rarest lead to few images, and each further one is another list to read. */
const INTERSECTED = 3;
/** So many of a longer text, evenly spread over it, are looked at for the rarest ones. */
const COMPARED = 8;
/** The newest images, in which trigrams are counted to tell rare from common ones. */
const SAMPLE_IMAGES = 16_384;
/** Counted so far at most: a trigram that 2.5 % of names have is common enough to end the count. */
const SAMPLE_HITS = 400;
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
/** FTS5 seeks by whole numbers only, and better-sqlite3 binds any number as a real. */
export const SAMPLE_SQL = `SELECT count(*) FROM
  (SELECT 1 FROM image_trigrams WHERE image_trigrams MATCH ? AND rowid > CAST(? AS INTEGER) LIMIT ${SAMPLE_HITS})`;

export function createNameSearch(db: Database): NameSearch {
  const selectExtent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck();
  const selectCandidates = db.prepare<[string, number], number>(CANDIDATES_SQL).pluck();
  const selectNew = db
    .prepare<[{ extent: number; spaceId: number | null; text: string }], number>(NEW_IMAGES_SQL)
    .pluck();
  const countSample = db.prepare<[string, number], number>(SAMPLE_SQL).pluck();
  const countImages = db.prepare<[number], number>('SELECT images FROM spaces WHERE id = ?').pluck();

  const rarest = (trigrams: readonly string[], extent: number): readonly string[] => {
    if (trigrams.length <= INTERSECTED) return trigrams;
    const counted = spread(trigrams, COMPARED)
      .map((trigram) => ({ trigram, hits: countSample.get(quoted(trigram), extent - SAMPLE_IMAGES) ?? 0 }))
      .sort((a, b) => a.hits - b.hits);
    const rare = counted.filter(({ hits }) => hits < SAMPLE_HITS);
    return (rare.length > 0 ? rare : counted).slice(0, INTERSECTED).map(({ trigram }) => trigram);
  };

  return {
    candidates: (texts, spaceId, atMost) => {
      const trigrams = trigramsOf(texts);
      if (trigrams.length === 0) return null;
      const extent = selectExtent.get() ?? 0;
      const wanted = [...rarest(trigrams, extent)];
      const isSmall = spaceId !== null && (countImages.get(spaceId) ?? 0) < extent * LARGE_SHARE;
      if (isSmall) wanted.push(spaceTrigram(spaceId));
      const found = selectCandidates.all(wanted.map(quoted).join(' AND '), atMost + 1);
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

import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { spaceTrigram } from './name-index.js';
import { type ComparedTrigram, furtherTrigrams, type Searched, spread, trigramsOf } from './rarest-trigrams.js';

/** Finds the images that may have some texts in their names. */
export interface NameSearch {
  /**
   * Returns the ids of all images of a space (null: of all spaces) whose name key may contain all of these texts, and
   * possibly of others; null if there are more than `atMost`, or the texts are too short for trigrams. `areNamesKnown`: whoever asks
   * tells the others by names in memory.
   */
  candidates(
    texts: readonly string[],
    spaceId: number | null,
    atMost: number,
    areNamesKnown?: boolean,
  ): readonly number[] | null;
}

/**
 * A space with fewer images is searched in its covering index. Measured with 10,000: that takes 0.9 ms, by rare
 * trigrams 0.25 ms, and finding out that a text is common takes 0.06 to 0.13 ms.
 */
export const INDEXED_FROM_IMAGES = 10_000;
/**
 * Looking up an image costs 10 times as much as skipping it in the covering index, and many times that from a cold
 * disk: no more than this share of a space is looked up.
 */
export const LOOKED_UP_SHARE = 1 / 50;

/** This many trigrams of a longer text, evenly spread over it, are compared; each costs 15 to 60 µs. */
const COMPARED = 10;
/**
 * The higher the id of the 64th image with a trigram, the rarer it is. Counting in the newest images would take ten
 * times as long: lists are read from their beginning.
 */
const COMPARED_HIT = 64;
/** How many entries of a list are read while an image is looked up in vain: 10 ns each against 1.5 µs, or 0.3 µs in memory. */
const READ_FOR_ROW = 150;
const READ_FOR_NAME = 30;
/** If the images that are found take no longer to look up than reading so many entries, nearly any further list takes longer. */
const FEW_ENTRIES = 45_000;
/** The names of this many images, 0.1 ms to read, tell which further trigrams are worth reading. */
const SAMPLED = 32;
/**
 * If this many times as many are found as expected, the first images were not representative: the matching names are of
 * a newer kind.
 */
const MISJUDGED = 4;
/** Shares of trigrams that are kept, some 100 bytes each. Images added later don't change them, and removed ones hardly do. */
const KNOWN_SHARES = 5_000;
/**
 * A space with less than this share of all images is searched by its own trigram, too, so that the images of others
 * need not be read.
 */
const LARGE_SHARE = 1 / 4;

export const CANDIDATES_SQL = 'SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ? LIMIT ?';
/** Selects the matching images that the index doesn't contain yet. */
export const NEW_IMAGES_SQL = `SELECT id FROM images
  WHERE id > :extent AND (:spaceId IS NULL OR +space = :spaceId) AND missing_since IS NULL AND instr(name_key, :text) > 0`;
export const COMPARED_SQL = `SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ? LIMIT 1 OFFSET ${COMPARED_HIT - 1}`;
const SAMPLE_SQL = 'SELECT name_key FROM images WHERE id IN (SELECT value FROM json_each(?))';

export function createNameSearch(db: Database): NameSearch {
  const selectExtent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck();
  const selectCandidates = db.prepare<[string, number], number>(CANDIDATES_SQL).pluck();
  const selectNew = db
    .prepare<[{ extent: number; spaceId: number | null; text: string }], number>(NEW_IMAGES_SQL)
    .pluck();
  const selectCompared = db.prepare<[string], number>(COMPARED_SQL).pluck();
  const selectSample = db.prepare<[string], string>(SAMPLE_SQL).pluck();
  const countImages = db.prepare<[number], number>('SELECT images FROM spaces WHERE id = ?').pluck();

  const shares = new LRUCache<string, number>({ maxSize: KNOWN_SHARES, sizeCalculation: () => 1 });
  const shareOf = (trigram: string): number => {
    const known = shares.get(trigram);
    if (known !== undefined) return known;
    const hit = selectCompared.get(quoted(trigram));
    if (hit === undefined) return 0;
    const share = Math.min(1, COMPARED_HIT / hit);
    shares.set(trigram, share);
    return share;
  };

  /**
   * Finds the images that have the rarest of these trigrams and those of the others that are worth reading; `images` is
   * how many are searched.
   */
  const intersect = (
    trigrams: readonly string[],
    { images, extent, readForOne }: Omit<Searched, 'names'>,
    find: (wanted: readonly string[], limit: number) => readonly number[],
    limit: number,
  ): readonly number[] => {
    const compared = spread(trigrams, COMPARED)
      .map((trigram): ComparedTrigram => ({ trigram, share: shareOf(trigram) }))
      .sort((a, b) => a.share - b.share);
    const [rarest, ...others] = compared;
    if (rarest === undefined) return [];
    const wanted = [rarest.trigram];
    let expected = rarest.share * images;
    /** Wants further trigrams, if they save more than reading so many entries. */
    const want = (ids: readonly number[], entries: number) => {
      const names = selectSample.all(JSON.stringify(ids));
      const further = furtherTrigrams(others, { names, images: expected, extent, readForOne });
      if (further.gain <= entries) return false;
      wanted.push(...further.trigrams);
      expected = further.images;
      return true;
    };
    const few = FEW_ENTRIES / readForOne;
    if (others.length > 0 && expected >= Math.min(limit, few)) want(find(wanted, SAMPLED), 0);
    const found = find(wanted, limit);
    const isAsExpected = found.length < Math.min(limit, Math.max(few, expected * MISJUDGED));
    if (isAsExpected || expected >= limit) return found;
    expected = found.length;
    // The lists that were read already are read once more.
    const read = compared.filter(({ trigram }) => wanted.includes(trigram));
    const entries = read.reduce((sum, { share }) => sum + share * extent, 0);
    return want(spread(found, SAMPLED), found.length < limit ? entries : 0) ? find(wanted, limit) : found;
  };

  return {
    candidates: (texts, spaceId, atMost, areNamesKnown = false) => {
      const trigrams = trigramsOf(texts);
      if (trigrams.length === 0) return null;
      const extent = selectExtent.get() ?? 0;
      const images = Math.min(extent, spaceId === null ? extent : (countImages.get(spaceId) ?? 0));
      const alsoOf = spaceId !== null && images < extent * LARGE_SHARE ? [spaceTrigram(spaceId)] : [];
      const find = (wanted: readonly string[], limit: number) =>
        selectCandidates.all([...wanted, ...alsoOf].map(quoted).join(' AND '), limit);
      const readForOne = areNamesKnown ? READ_FOR_NAME : READ_FOR_ROW;
      const found = intersect(trigrams, { images, extent, readForOne }, find, atMost + 1);
      if (found.length > atMost) return null;
      const text = texts.reduce((longest, each) => (each.length > longest.length ? each : longest));
      return [...found, ...selectNew.all({ extent, spaceId, text })];
    },
  };
}

function quoted(trigram: string): string {
  return `"${trigram.replaceAll('"', '""')}"`;
}

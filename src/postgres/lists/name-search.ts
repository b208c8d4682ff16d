import type { Condition } from '../../sql/dialect.js';
import { isStorable } from '../../sql/filter-sql.js';
import type { Session } from '../connection/database.js';
import { literal } from './dialect.js';

/** A space with fewer images is read in its own index: names are looked through as quickly as a second question is sent. */
export const INDEXED_FROM_IMAGES = 10_000;
/** To look up an image takes many times as long as to skip it in an index: no more than this share of a space is looked up. */
export const LOOKED_UP_SHARE = 1 / 50;
/** The fewest characters that a text is found by. */
const TRIGRAM = 3;

/** A word of so many has two trigrams inside of it. */
const WORD = 4;
/** What stands between words for pg_trgm, however else it sees other characters. */
const BETWEEN_WORDS = /[\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+/;
/** The index of trigrams, by its name in plans. */
const BY_TRIGRAMS = 'images_by_trigrams';

/**
 * Returns the ids of all images of a space (null: of all spaces) whose name key contains all of these texts that are long
 * enough; null if there are more than `atMost`, or all texts are too short.
 */
export async function findNames(
  session: Session,
  texts: readonly string[],
  spaceId: number | null,
  atMost: number,
): Promise<readonly number[] | null> {
  const sought = texts.filter((text) => [...text].length >= TRIGRAM && isStorable(text));
  if (sought.length === 0) return null;
  const plain = namesSql(sought, spaceId, atMost + 1);
  const words = [...new Set(sought.flatMap(wordsWithin))];
  const isByWords = words.length > 0 && (await goesByTrigrams(session, plain));
  const { sql, parameters } = isByWords ? namesSql([...words, ...sought], spaceId, atMost + 1) : plain;
  const rows = await session.rows<{ id: number }>(sql, parameters);
  return rows.length > atMost ? null : rows.map(({ id }) => id);
}

/**
 * Returns the longer words of a text that has anything else, the last one first: names begin with what they have in common.
 * The index looks for all trigrams of a text wherever the rarest of them is, also for those at the edges of words, which
 * are in very many names (" 2"). Asked for the words before, it looks for those only in names that have all of the words.
 */
export function wordsWithin(text: string): readonly string[] {
  const words = text.split(BETWEEN_WORDS).filter((word) => word !== text && [...word].length >= WORD);
  return words.reverse();
}

function namesSql(texts: readonly string[], spaceId: number | null, limit: number): Condition {
  const conditions = texts.map((_, i) => ` AND name_key LIKE $${i + 2}`).join('');
  const ofSpace = spaceId === null ? '' : ` AND space = $${texts.length + 2}`;
  return {
    sql: `SELECT id FROM images WHERE missing_since IS NULL${conditions}${ofSpace} LIMIT $1`,
    parameters: [limit, ...texts.map((text) => `%${literal(text)}%`), ...(spaceId === null ? [] : [spaceId])],
  };
}

/**
 * Whether the server finds names by their trigrams. To ask for words as well makes it believe that there are fewer names than
 * there are; so it would no longer see that of a frequent text some are found soonest without an index.
 */
async function goesByTrigrams(session: Session, { sql, parameters }: Condition): Promise<boolean> {
  const plan = await session.rows<Readonly<Record<string, string>>>(`EXPLAIN (COSTS off) ${sql}`, parameters);
  return plan.some((line) => Object.values(line).some((text) => text.includes(BY_TRIGRAMS)));
}

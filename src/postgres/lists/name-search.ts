import { isStorable } from '../../sql/filter-sql.js';
import type { Session } from '../connection/database.js';
import { literal } from './dialect.js';

/** A space with fewer images is read in its own index: names are looked through as quickly as a second question is sent. */
export const INDEXED_FROM_IMAGES = 10_000;
/** To look up an image takes many times as long as to skip it in an index: no more than this share of a space is looked up. */
export const LOOKED_UP_SHARE = 1 / 50;
/** The fewest characters that a text is found by. */
const TRIGRAM = 3;

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
  const conditions = sought.map((_, i) => ` AND name_key LIKE $${i + 2}`).join('');
  const ofSpace = spaceId === null ? '' : ` AND space = $${sought.length + 2}`;
  const rows = await session.rows<{ id: number }>(
    `SELECT id FROM images WHERE missing_since IS NULL${conditions}${ofSpace} LIMIT $1`,
    [atMost + 1, ...sought.map((text) => `%${literal(text)}%`), ...(spaceId === null ? [] : [spaceId])],
  );
  return rows.length > atMost ? null : rows.map(({ id }) => id);
}

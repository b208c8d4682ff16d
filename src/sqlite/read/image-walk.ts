import type { SortKey } from '../../domain/lists/image-list.js';
import type { KeyTerm } from '../../domain/lists/order.js';
import type { ListSource } from '../../sql/list-sql.js';
import { COLUMN_OF_KEY } from './image-rows.js';

/** Orders that an index has. */
const WALKED = ['nameKey,name,path', 'path'];

/** With more tombstones, each stride through the index of paths would begin with 1 ms for building a set of them. */
const FEW_TOMBSTONES = 10_000;
/** Tells if there are more tombstones than that. */
export const MANY_TOMBSTONES_SQL = `SELECT 1 FROM images WHERE missing_since IS NOT NULL LIMIT 1 OFFSET ${FEW_TOMBSTONES}`;

/** Selects the keys of all images of a space in an order that an index has, read from that alone; null for other orders. */
export function imageWalk(
  spaceId: number,
  order: readonly KeyTerm<SortKey>[],
  hasManyTombstones: () => boolean,
): ListSource | null {
  const keys = order.map(({ key }) => key);
  const isUniform = order.every(({ direction }) => direction === order[0]?.direction);
  if (!isUniform || !WALKED.includes(`${keys}`)) return null;
  // The index of paths doesn't mark tombstones, and reading every row takes more than ten times as long.
  const isByPathAlone = keys[0] === 'path' && !hasManyTombstones();
  const shown = isByPathAlone
    ? 'images.id NOT IN (SELECT id FROM images WHERE missing_since IS NOT NULL)'
    : 'images.missing_since IS NULL';
  return {
    columns: keys.map((key) => COLUMN_OF_KEY[key]).join(', '),
    from: { sql: 'images', parameters: [] },
    conditions: [{ sql: `images.space = ? AND ${shown}`, parameters: [spaceId] }],
  };
}

import { judgeState } from '../../domain/description/image-state.js';
import type { Reading } from '../../domain/description/reading.js';
import type { Description } from '../../domain/ports/description-store.js';
import { isStorable } from '../../sql/filter-sql.js';
import { type SiblingRow, siblingsFromRows } from '../../sql/siblings.js';
import type { Session } from '../connection/database.js';

interface DescriptionRow {
  readonly name: string;
  readonly isSettled: boolean;
  readonly siblings: readonly SiblingRow[] | null;
  readonly reading: Reading | null;
  readonly requests: number | null;
  readonly bytes: number | null;
  readonly readAt: number | null;
}

/** Reads what is known of what an image is. */
export async function readDescription(session: Session, user: string, id: number): Promise<Description | null> {
  if (!isStorable(user)) return null;
  const row = await session.row<DescriptionRow>(
    `SELECT images.name, images.is_settled AS "isSettled", collections.siblings, reading, requests, bytes, read_at AS "readAt"
     FROM images JOIN spaces ON spaces.id = images.space LEFT JOIN collections ON collections.id = images.collection
       LEFT JOIN descriptions ON descriptions.image = images.id
     WHERE images.id = $1 AND images.missing_since IS NULL AND spaces.user_name = $2 AND spaces.is_configured`,
    [id, user],
  );
  if (row === undefined) return null;
  const { reading, requests, bytes, readAt } = row;
  return {
    ...judgeState(row, reading, row.siblings && siblingsFromRows(row.siblings)),
    reading,
    cost: requests === null || bytes === null ? null : { requests, bytes },
    readAt,
  };
}

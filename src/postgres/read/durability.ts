import { DURABILITY_SETTINGS } from '../../domain/diagnosis/durability.js';
import type { Database } from '../connection/database.js';

/** Returns which settings for what has been committed are off, as they are for this user in this database. */
export async function readUnsafeSettings(db: Database): Promise<readonly string[]> {
  const rows = await db.rows<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place)
     WHERE current_setting(name) = 'off' ORDER BY place`,
    [DURABILITY_SETTINGS],
  );
  return rows.map(({ name }) => name);
}

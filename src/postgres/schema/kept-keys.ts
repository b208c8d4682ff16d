import type { Database } from '../connection/database.js';

/** Returns the key of this name, which is `made` unless another host was here before. Rejects with OvadexError `index`. */
export async function keepKey(db: Database, name: string, made: string): Promise<string> {
  await db.run('INSERT INTO keys (name, key) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [name, made]);
  const row = await db.row<{ key: string }>('SELECT key FROM keys WHERE name = $1', [name]);
  return row?.key ?? made;
}

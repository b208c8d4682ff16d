import type { Database } from '../connection/database.js';

/** The name of the key that signs the tokens of log-ins. */
export const SIGNING_KEY = 'token';

/** Returns the key of this name, which is `made` unless another host was here before. Rejects with OvadexError `index`. */
export async function keepKey(db: Database, name: string, made: string): Promise<string> {
  await db.run('INSERT INTO keys (name, key) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [name, made]);
  const row = await db.row<{ key: string }>('SELECT key FROM keys WHERE name = $1', [name]);
  return row?.key ?? made;
}

/** Returns the key of this name; null if there is none. Rejects with OvadexError `index`. */
export async function readKey(db: Database, name: string): Promise<string | null> {
  return (await db.row<{ key: string }>('SELECT key FROM keys WHERE name = $1', [name]))?.key ?? null;
}

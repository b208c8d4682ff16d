import type { Database } from '../connection/database.js';

/**
 * Begins the one run that all hosts share, if none has begun. A commit of the server is for good, so that neither the end
 * of a host nor its beginning is news to readers.
 */
export async function beginFirstRun(db: Database, now: number): Promise<void> {
  await db.write(async (session) => {
    await session.run('LOCK TABLE runs IN EXCLUSIVE MODE');
    await session.run(
      `INSERT INTO runs (key, began_at)
       SELECT left(replace(gen_random_uuid()::text, '-', ''), 12), $1 WHERE NOT EXISTS (SELECT FROM runs)`,
      [now],
    );
  });
}

import type { Database, Session } from './database.js';

/**
 * Returns what tells the history of an index from all others: its tables, the cluster, and its timeline, which is another one after each
 * fail-over and each restore to a point in time (https://www.postgresql.org/docs/15/continuous-archiving.html#BACKUP-TIMELINES).
 * What was committed before then may be lost, and revisions may be given a second time. So they may after a dump was restored
 * into the same cluster, whose tables are other ones then.
 */
export async function timelineOf(session: Session): Promise<string> {
  const row = await session.row<{ timeline: string }>(
    `SELECT concat_ws('-', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
         (SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('runs')::oid) AS timeline
     FROM pg_control_system()`,
  );
  return row?.timeline ?? '';
}

/**
 * Begins the one run that all hosts share, unless it has begun. A commit of the server is for good, so that neither the end
 * of a host nor its beginning is news to readers; but nobody can go on from what was told on another timeline, receivers of
 * webhooks included. Returns the timeline.
 */
export async function beginRun(db: Database): Promise<string> {
  return await db.write(async (session) => {
    await session.run('LOCK TABLE runs IN EXCLUSIVE MODE');
    const timeline = await timelineOf(session);
    const others = await session.run('DELETE FROM timelines WHERE timeline <> $1', [timeline]);
    if (others > 0) {
      await session.run('DELETE FROM runs');
      await session.run('UPDATE webhooks SET epoch = epoch + 1');
    }
    // Runs that came with a copy of another index, before any host has begun, are gone on with.
    await session.run('INSERT INTO timelines VALUES ($1) ON CONFLICT DO NOTHING', [timeline]);
    await session.run(
      `INSERT INTO runs (key, began_at)
       SELECT left(replace(gen_random_uuid()::text, '-', ''), 12), floor(extract(epoch FROM now())) * 1000
       WHERE NOT EXISTS (SELECT FROM runs)`,
    );
    return timeline;
  });
}

/** Returns the run that all hosts share, by its key. */
export async function runOf(session: Session): Promise<string | null> {
  const row = await session.row<{ key: string }>('SELECT key FROM runs ORDER BY number DESC LIMIT 1');
  return row?.key ?? null;
}

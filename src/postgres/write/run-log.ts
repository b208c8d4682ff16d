import type { RunLog } from '../../domain/ports/image-changes.js';
import type { Database } from '../connection/database.js';

/** Far more runs than any reader sleeps through: some years with one each day. */
const RUNS_AT_MOST = 1_000;

/** Creates the log of the runs of daemons. Rejects with OvadexError `index`. */
export function createRunLog(db: Database): RunLog {
  return {
    begin: (now) =>
      db.write(async (session) => {
        // Whatever the server is told to wait for otherwise: a mark that a crash takes back would go unnoticed.
        await session.run('SET LOCAL synchronous_commit = on');
        // Two that begin at once come one after the other; readers go on meanwhile.
        await session.run('LOCK TABLE runs IN EXCLUSIVE MODE');
        await session.run('DELETE FROM runs WHERE EXISTS (SELECT FROM runs AS last WHERE last.ended_at IS NULL)');
        await session.run(
          `WITH begun AS (
             INSERT INTO runs (key, began_at) VALUES (left(replace(gen_random_uuid()::text, '-', ''), 12), $1)
             RETURNING number)
           DELETE FROM runs USING begun WHERE runs.number <= begun.number - $2`,
          [now, RUNS_AT_MOST],
        );
      }),
    // The server keeps the order of commits: if this one survives a crash, all before it do.
    end: async (now) => void (await db.run('UPDATE runs SET ended_at = $1 WHERE ended_at IS NULL', [now])),
  };
}

import type { Database } from 'better-sqlite3';
import type { RunLog } from '../../domain/ports/image-changes.js';
import { durably } from '../file/durably.js';
import { attempt } from '../file/run-query.js';

/** Far more runs than any reader sleeps through: some years with one each day. */
const RUNS_AT_MOST = 1_000;

/** Creates the log of the runs of daemons. Rejects with OvadexError `index`. */
export function createRunLog(db: Database): RunLog {
  const selectOpen = db.prepare<[], 1>('SELECT 1 FROM runs WHERE ended_at IS NULL LIMIT 1').pluck();
  const deleteAll = db.prepare<[]>('DELETE FROM runs');
  const deleteOld = db.prepare<[number]>('DELETE FROM runs WHERE number <= ?');
  const insert = db.prepare<[number]>('INSERT INTO runs (key, began_at) VALUES (lower(hex(randomblob(6))), ?)');
  const endAll = db.prepare<[number]>('UPDATE runs SET ended_at = ? WHERE ended_at IS NULL');

  const begin = db.transaction((now: number) => {
    if (selectOpen.get() !== undefined) deleteAll.run();
    const { lastInsertRowid } = insert.run(now);
    deleteOld.run(Number(lastInsertRowid) - RUNS_AT_MOST);
  });

  return {
    // A crash of the machine that takes back this mark, but not the end of the run before, would go unnoticed.
    begin: (now) => attempt(() => durably(db, () => begin.immediate(now))),
    // The log keeps the order of commits: if this one survives a crash of the machine, all before it do.
    end: (now) => attempt(() => void endAll.run(now)),
  };
}

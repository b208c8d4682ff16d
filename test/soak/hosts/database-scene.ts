import { setTimeout as delay } from 'node:timers/promises';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { createDatabase, type Database } from '../../../src/postgres/connection/database.js';
import { createPool } from '../../../src/postgres/connection/pool.js';
import { beginRun, runOf } from '../../../src/postgres/connection/timeline.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { queryOf } from '../../interop/postgres/hammer/scene.js';
import { DATED_COMMITS, observeLists, readTruth, type Truth } from '../../interop/postgres/hammer/truth.js';
import { emptyIndex, MIGRATIONS } from '../../postgres/index-ports.js';
import { type PostgresServer, startPostgres } from '../../support/servers/postgres.js';

/** The database of all histories, one after the other, whose every version of every list is kept. */
export interface SharedDatabase {
  readonly url: string;
  /** Of whoever looks on; its connections are never broken. */
  readonly db: Database;
  /** Empties the index, and returns the run of the new one. */
  begin(): Promise<string>;
  /** Returns all lists that there have been since it was emptied. */
  truth(): Promise<Truth>;
  /** Breaks each second connection of the hosts at random, and waits until it is gone. */
  breakConnections(): Promise<void>;
  /** Waits until the server has noticed that a process is dead, and has given up what it left. */
  untilGone(name: string): Promise<void>;
  close(): Promise<void>;
}

/** The names of connections that may be broken begin with it. */
export const HOSTS = 'soak ';
const NOTICED_EVERY_MS = 2;
/** The other end of a broken connection learns it by then, unless it is in the middle of something. */
const TOLD_WITHIN_MS = 5;
const CONNECTIONS = 4;

export async function openSharedDatabase(): Promise<SharedDatabase> {
  const server: PostgresServer = await startPostgres({ settings: DATED_COMMITS });
  const url = await server.createDatabase();
  const db = createDatabase(createPool({ connectionString: url, max: CONNECTIONS, application_name: 'looks on' }));
  await migrate(db, MIGRATIONS);
  await observeLists(queryOf(url));
  const untilNone = async (where: string, values: readonly unknown[]) => {
    const left = () => db.row(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND ${where}`, values);
    while ((await left()) !== undefined) await delay(NOTICED_EVERY_MS);
  };
  return {
    url,
    db,
    async begin() {
      await emptyIndex(db);
      await db.run('TRUNCATE observed.versions');
      await beginRun(db);
      return (await runOf(db)) ?? '';
    },
    truth: () => readTruth((sql, values) => db.rows(sql, values)),
    async breakConnections() {
      const broken = await db.rows<{ readonly pid: number }>(
        `SELECT pid FROM (
           SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND starts_with(application_name, $1) AND random() < 0.5) AS chosen
         WHERE pg_terminate_backend(pid)`,
        [HOSTS],
      );
      await untilNone('pid = ANY ($1)', [broken.map(({ pid }) => pid)]);
      await delay(TOLD_WITHIN_MS);
    },
    untilGone: (name) => untilNone('application_name = $1', [name]),
    async close() {
      await db.close();
      await server.stop();
    },
  };
}

const TRIES = 20;
const TRIED_EVERY_MS = 10;

/** Does it again as long as the database is lost in the middle of it. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OvadexError) || error.code !== 'index' || tried === TRIES) throw error;
      await delay(TRIED_EVERY_MS);
    }
  }
}

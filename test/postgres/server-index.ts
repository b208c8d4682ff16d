import { createDatabase, type Database } from '../../src/postgres/connection/database.js';
import { createPool } from '../../src/postgres/connection/pool.js';
import { migrate } from '../../src/postgres/schema/migrate.js';
import type { IndexUnderTest } from '../contract/index-under-test.js';
import type { ReadIndexPorts } from '../support/memory-index/memory-index.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres.js';
import { emptyIndex, MIGRATIONS, portsOver } from './index-ports.js';

/** Connections of an index in use. */
const CONNECTIONS = 5;

/** Indexes of a server. */
export interface ServerIndexes {
  readonly server: PostgresServer;
  /** Returns a fresh index, with its database for a look behind the ports. */
  make(): Promise<IndexUnderTest & ReadIndexPorts & { readonly db: Database }>;
  /** Ends the server with all of its indexes. */
  stop(): Promise<void>;
}

/** Starts a server for indexes, which are used again once they are closed: to empty one is quicker than to make one. */
export async function startIndexes(): Promise<ServerIndexes> {
  const server = await startPostgres();
  const opened: Database[] = [];
  const idle: Database[] = [];
  const open = (url: string) => {
    const db = createDatabase(createPool({ connectionString: url, max: CONNECTIONS }));
    opened.push(db);
    return db;
  };
  return {
    server,
    async make() {
      let db = idle.pop();
      if (db === undefined) {
        db = open(await server.createDatabase());
        await migrate(db, MIGRATIONS);
      } else {
        await emptyIndex(db);
      }
      const database = db;
      const clock = { now: 1_000 };
      return Object.assign(
        portsOver(database, () => clock.now),
        { clock, db: database, close: async () => void idle.push(database) },
      );
    },
    async stop() {
      await Promise.all(opened.map((db) => db.close()));
      await server.stop();
    },
  };
}

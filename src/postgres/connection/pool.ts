import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { type Connection, type Connections, sessionOf } from './database.js';
import type { Admit } from './history-guard.js';
import { PARSERS } from './values.js';

/** Statements that each connection keeps prepared; lists are asked for in a few dozen ways. */
const PREPARED_AT_MOST = 500;

/** By which a host that uses an index is known to the server; see `pg_stat_activity`. */
export const APPLICATION_NAME = 'ovadex';

/**
 * Opens connections to a PostgreSQL server when they are needed, at most `max` at once. Each is looked at by `admit` before
 * it is used.
 */
export function createPool(config: PoolConfig, admit: Admit = async () => undefined): Connections {
  const pool = new Pool({
    application_name: APPLICATION_NAME,
    ...config,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        PARSERS[oid] ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  // A connection that fails while nobody uses it is replaced by the next one.
  pool.on('error', () => undefined);
  // What goes on over one that fails rejects; that it has failed between two statements is told by the next.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const names = new Map<string, string>();
  const nameOf = (sql: string) => {
    const known = names.get(sql);
    if (known !== undefined || names.size === PREPARED_AT_MOST) return known;
    const name = `ovadex_${names.size}`;
    names.set(sql, name);
    return name;
  };
  const queryOf = (client: PoolClient): Connection['query'] => {
    return async (sql, values) => {
      const name = values.length === 0 ? undefined : nameOf(sql);
      const { rows, rowCount } = await client.query({
        text: sql,
        values: [...values],
        ...(name === undefined ? {} : { name }),
      });
      return { rows, count: rowCount ?? 0 };
    };
  };
  const admitted = new WeakSet<PoolClient>();
  return {
    async acquire() {
      const client = await pool.connect();
      const query = queryOf(client);
      if (!admitted.has(client)) {
        try {
          // Statements of a few milliseconds would be compiled for seconds because of what they might cost.
          await query('SET jit = off', []);
          await admit(sessionOf(query));
        } catch (error) {
          client.release(true);
          throw error;
        }
        admitted.add(client);
      }
      return { query, release: (isBroken) => client.release(isBroken) };
    },
    close: () => pool.end(),
  };
}

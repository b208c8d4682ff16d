import { Pool, type PoolConfig, types } from 'pg';
import type { Connections } from './database.js';
import { PARSERS } from './values.js';

/** Statements that each connection keeps prepared; lists are asked for in a few dozen ways. */
const PREPARED_AT_MOST = 500;

/** By which a host that uses an index is known to the server; see `pg_stat_activity`. */
export const APPLICATION_NAME = 'ovadex';

/** Opens connections to a PostgreSQL server when they are needed, at most `max` at once. */
export function createPool(config: PoolConfig): Connections {
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
  const names = new Map<string, string>();
  const nameOf = (sql: string) => {
    const known = names.get(sql);
    if (known !== undefined || names.size === PREPARED_AT_MOST) return known;
    const name = `ovadex_${names.size}`;
    names.set(sql, name);
    return name;
  };
  return {
    async acquire() {
      const client = await pool.connect();
      return {
        async query(sql, values) {
          const name = values.length === 0 ? undefined : nameOf(sql);
          const { rows, rowCount } = await client.query({
            text: sql,
            values: [...values],
            ...(name === undefined ? {} : { name }),
          });
          return { rows, count: rowCount ?? 0 };
        },
        release: (isBroken) => client.release(isBroken),
      };
    },
    close: () => pool.end(),
  };
}

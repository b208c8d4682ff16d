import type { Socket } from 'node:net';
import { Client, Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { type Connection, type Connections, sessionOf } from './database.js';
import type { Admit } from './history-guard.js';
import { PARSERS } from './values.js';

/** Statements that each connection keeps prepared; lists are asked for in a few dozen ways. */
const PREPARED_AT_MOST = 500;

/** How a statement with a pattern is best gone about depends on the pattern: it is planned anew each time. */
const HAS_PATTERN = / LIKE \$/;

/** By which a host that uses an index is known to the server; see `pg_stat_activity`. */
export const APPLICATION_NAME = 'ovadex';

/** Most statements are answered by then. */
const LOOK_EVERY_MS = 3_000;
/** So often in succession a server that isn't working at a statement is believed: the first time the answer may be on its way. */
const LOOKS = 2;

/**
 * Opens connections to a PostgreSQL server when they are needed, at most `max` at once. Each is looked at by `admit` before
 * it is used. A statement may take as long as the server works at it; where an answer was lost, as by a network that forwards
 * nothing for a while, nobody would ever be told: so the server is asked every `lookEveryMs` what it does.
 */
export function createPool(
  config: PoolConfig,
  admit: Admit = async () => undefined,
  lookEveryMs = LOOK_EVERY_MS,
): Connections {
  const pool = new Pool({
    application_name: APPLICATION_NAME,
    // What is asked for is sent at once, behind what hasn't been answered yet.
    pipeline: true,
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
  /** Whether the server works at what a connection asked; rejects if it doesn't answer. */
  const isAtWork = async (client: PoolClient & { readonly processID?: number | null }): Promise<boolean> => {
    const other = new Client({ ...config, query_timeout: lookEveryMs, connectionTimeoutMillis: lookEveryMs });
    other.on('error', () => undefined);
    try {
      await other.connect();
      const asked = [client.processID];
      const { rows } = await other.query(`SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'`, asked);
      return rows.length > 0;
    } finally {
      void other.end().catch(() => undefined);
    }
  };
  let generation = 0;
  const distrust = () => {
    generation += 1;
  };
  /**
   * Breaks a connection from which no answer will come any more; those that nobody uses have the same way, and may be as
   * broken. Returns what ends that.
   */
  const lookAfter = (client: PoolClient): (() => void) => {
    let idle = 0;
    const look = async () => {
      idle = (await isAtWork(client)) ? 0 : idle + 1;
      if (idle < LOOKS) return;
      distrust();
      endAtOnce(client);
    };
    // Of a server that can't be reached nobody knows what it does.
    const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
    return () => clearInterval(timer);
  };
  const reading = new Set<PoolClient>();
  const queryOf = (client: PoolClient): Connection['query'] => {
    return async (sql, values, withinMs = 0) => {
      const name = values.length === 0 || HAS_PATTERN.test(sql) ? undefined : nameOf(sql);
      const leaveAlone = withinMs === 0 ? lookAfter(client) : () => void reading.delete(client);
      if (withinMs > 0) reading.add(client);
      try {
        const { rows, rowCount } = await client.query({
          text: sql,
          values: [...values],
          ...(name === undefined ? {} : { name }),
          ...(withinMs === 0 ? {} : { query_timeout: withinMs }),
        });
        return { rows, count: rowCount ?? 0 };
      } finally {
        leaveAlone();
      }
    };
  };
  const admitted = new WeakMap<PoolClient, number>();
  const connect = async (): Promise<PoolClient> => {
    for (;;) {
      const client = await pool.connect();
      if ((admitted.get(client) ?? generation) === generation) return client;
      client.release(true);
    }
  };
  return {
    async acquire() {
      const client = await connect();
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
        admitted.set(client, generation);
      }
      return { query, release: (isBroken) => client.release(isBroken) };
    },
    distrust,
    giveUp() {
      for (const client of reading) endAtOnce(client);
    },
    close: () => pool.end(),
  };
}

/** Ends a connection that waits for an answer, which rejects. Asked to end, it would wait for the answers first. */
function endAtOnce(client: PoolClient): void {
  (client as PoolClient & { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
}

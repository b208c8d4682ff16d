import { OvadexError } from '../../domain/model/errors.js';
import { databaseError, isWorthRepeating } from './database-error.js';

/**
 * What statements run on: the database, each in a transaction of its own, or one transaction, which does them in the order in
 * which they were asked for. Those that don't need each other's answers are best asked for at once: they share a way there
 * and back.
 */
export interface Session {
  /** Returns the rows of a statement as objects; `values` are those of `$1`, `$2` and so on. */
  rows<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Returns the first row. */
  row<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row | undefined>;
  /** Runs a statement, and returns how many rows it wrote. */
  run(sql: string, values?: readonly unknown[]): Promise<number>;
}

/**
 * A PostgreSQL database. All methods reject with OvadexError `index` if it can't be used; a broken constraint is a bug in
 * this program and is passed on unchanged. Within `read` and `write` use the session only: another statement would
 * wait for another connection, which may be the very one.
 */
export interface Database extends Session {
  /** Reads what was true at one moment. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Writes all or nothing. If another transaction was in the way, `work` is done again from its beginning. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Begins to read what is true now, over a connection of its own, until whoever asked ends it. The server ends it once it
   * was not asked for `idleMs`, as the process may hang: such a moment keeps it from tidying up.
   */
  hold(idleMs: number): Promise<HeldMoment>;
  close(): Promise<void>;
}

/** One moment of the database. */
export interface HeldMoment extends Session {
  /** Gives the connection back, once it has answered what it was asked before. */
  end(): void;
}

/** A connection that is used by one at a time, who may ask for more before it has answered: it answers in order. */
export interface Connection {
  /** Rejects unless it is answered `withinMs`; 0 or none: however long the server works at it. */
  query(
    sql: string,
    values: readonly unknown[],
    withinMs?: number,
  ): Promise<{ readonly rows: readonly object[]; readonly count: number }>;
  /** Gives it back; a broken one isn't used again. */
  release(isBroken: boolean): void;
}

/** Where connections come from. */
export interface Connections {
  /** Returns a free one, as soon as there is one. */
  acquire(): Promise<Connection>;
  /** Uses none of those again that nobody uses now: they may be broken without having shown it. */
  distrust?(): void;
  /** Breaks those that wait for an answer which was to come within a time. */
  giveUp?(): void;
  close(): Promise<void>;
}

const BEGIN_TO_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';
/** Transactions that get in each other's way are over within milliseconds. */
const TRIES = 10;
/** Whoever got a connection at the last moment has a chance to be answered. */
const LEAST_LEFT_MS = 1_000;

/**
 * Creates a database over connections. What reads, and a single statement, has to be answered within `answeredWithinMs`, and
 * otherwise rejects with OvadexError `index`: nobody who asks waits for longer. 0: however long that takes.
 */
export function createDatabase(connections: Connections, answeredWithinMs = 0): Database {
  const acquire = () =>
    connections.acquire().catch((error: unknown): Promise<never> => Promise.reject(databaseError(error)));

  /** Waits for a connection; `leftMs` is what that has left of the time. */
  const acquireWithin = async (withinMs: number) => {
    const askedAt = performance.now();
    const connection = await acquire();
    const leftMs = withinMs === 0 ? 0 : Math.max(withinMs - (performance.now() - askedAt), LEAST_LEFT_MS);
    return { connection, leftMs };
  };

  const using = async <T>(
    withinMs: number,
    work: (connection: Connection, leftMs: number) => Promise<T>,
  ): Promise<T> => {
    const { connection, leftMs } = await acquireWithin(withinMs);
    let isBroken = true;
    try {
      const done = await work(connection, leftMs);
      isBroken = false;
      return done;
    } catch (error) {
      const translated = databaseError(error);
      isBroken = isOfConnection(translated);
      throw translated;
    } finally {
      connection.release(isBroken);
    }
  };

  /** `isWaited`: what was done counts only once the end of the transaction was answered. */
  const within = (begin: string, withinMs: number, isWaited: boolean) => {
    return <T>(work: (session: Session) => Promise<T>): Promise<T> =>
      using(withinMs, async (connection, leftMs) => {
        const query: Connection['query'] = (sql, values) => connection.query(sql, values, leftMs);
        // It shares a way with the first statement, which fails along with it.
        const begun = query(begin, []);
        begun.catch(() => undefined);
        let isOver = false;
        const inside: Connection['query'] = async (sql, values) => {
          // Of statements that were asked for at once, one may have failed; what would have followed the others is not done.
          if (isOver) throw new Error('the transaction is over');
          return await query(sql, values);
        };
        try {
          const done = await work(sessionOf(inside));
          isOver = true;
          await begun;
          const ended = query('COMMIT', []);
          if (isWaited) await ended;
          else ended.catch(() => undefined);
          return done;
        } catch (error) {
          isOver = true;
          // A connection that isn't used again needs no end of its transaction, and might be waited for in vain.
          if (!isOfConnection(databaseError(error))) await query('ROLLBACK', []).catch(() => undefined);
          throw error;
        }
      });
  };
  const writeOnce = within('BEGIN', 0, true);

  return {
    ...sessionOf((sql, values) =>
      using(answeredWithinMs, (connection, leftMs) => connection.query(sql, values, leftMs)),
    ),
    read: within(BEGIN_TO_READ, answeredWithinMs, false),
    async write(work) {
      for (let tried = 1; ; tried++) {
        try {
          return await writeOnce(work);
        } catch (error) {
          if (tried === TRIES || !isWorthRepeating(error)) throw error;
        }
      }
    },
    async hold(idleMs) {
      const { connection, leftMs } = await acquireWithin(answeredWithinMs);
      const query: Connection['query'] = (sql, values) => connection.query(sql, values, answeredWithinMs);
      const end = () =>
        void query('ROLLBACK', []).then(
          () => connection.release(false),
          () => connection.release(true),
        );
      try {
        await Promise.all([
          connection.query(BEGIN_TO_READ, [], leftMs),
          connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`, [], leftMs),
        ]);
      } catch (error) {
        end();
        throw databaseError(error);
      }
      const session = sessionOf((sql, values) =>
        query(sql, values).catch((error: unknown): Promise<never> => Promise.reject(databaseError(error))),
      );
      return { ...session, end };
    },
    close: () => connections.close(),
  };
}

/** Whether a connection is of no more use after this; another transaction in the way says nothing of it. */
function isOfConnection(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'index' && !isWorthRepeating(error);
}

/** Returns the session of a connection. */
export function sessionOf(query: Connection['query']): Session {
  const rows = async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await query(sql, values)).rows as readonly Row[];
  return {
    rows,
    row: async <Row extends object>(sql: string, values: readonly unknown[] = []) => (await rows<Row>(sql, values))[0],
    run: async (sql, values = []) => (await query(sql, values)).count,
  };
}

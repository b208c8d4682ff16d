import { afterEach, describe, expect, it, vi } from 'vitest';
import { PassingTrouble } from '../../src/domain/model/errors.js';
import { type Connection, createDatabase } from '../../src/postgres/connection/database.js';

const WITHIN_MS = 10_000;

/** A database that has waited so many ms for its connection; notes the time that each statement is given. */
function databaseAfter(waitMs: number) {
  const given: (number | undefined)[] = [];
  const connection: Connection = {
    query: async (_sql, _values, withinMs) => {
      given.push(withinMs);
      return { rows: [], count: 0 };
    },
    release: () => undefined,
  };
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const acquire = async () => {
    now += waitMs;
    return connection;
  };
  return { given, db: createDatabase({ acquire, close: () => Promise.resolve() }, WITHIN_MS) };
}

describe('whoever asks a database', () => {
  afterEach(() => void vi.restoreAllMocks());

  it.for([
    ['at once', 0, WITHIN_MS],
    ['after a wait for a connection', 7_000, 3_000],
    ['after one that has taken nearly all the time', 9_900, 1_000],
  ] as const)('has the time that is left, %s', async ([, waitMs, leftMs]) => {
    const { db, given } = databaseAfter(waitMs);
    await db.rows('SELECT 1');
    expect(given).toEqual([leftMs]);
    await db.read((session) => session.rows('SELECT 2'));
    expect(new Set(given)).toEqual(new Set([leftMs]));
  });

  it('to hold a moment has it as well, and then for each question the whole of it', async () => {
    const { db, given } = databaseAfter(7_000);
    const held = await db.hold(60_000);
    expect(given).toEqual([3_000, 3_000]);
    await held.rows('SELECT 1');
    expect(given.slice(2)).toEqual([WITHIN_MS]);
    held.end();
  });

  it('to write has as long as the server works at it', async () => {
    const { db, given } = databaseAfter(7_000);
    await db.write((session) => session.run('UPDATE spaces SET id = id'));
    expect(new Set(given)).toEqual(new Set([0]));
  });
});

describe('what is written all or nothing', () => {
  /** A database whose answer to this statement is an error, as often as there are codes; notes all statements. */
  const failingAt = (statement: string, ...codes: readonly string[]) => {
    const asked: string[] = [];
    const left = [...codes];
    const connection: Connection = {
      query: async (sql) => {
        asked.push(sql);
        const code = sql === statement ? left.shift() : undefined;
        if (code !== undefined) throw Object.assign(new Error('Connection terminated unexpectedly'), { code });
        return { rows: [], count: 0 };
      },
      release: () => undefined,
    };
    return { asked, db: createDatabase({ acquire: async () => connection, close: () => Promise.resolve() }) };
  };
  const write = (db: ReturnType<typeof failingAt>['db']) => db.write((session) => session.run('INSERT'));

  it('is begun again if another transaction was in the way', async () => {
    const { db, asked } = failingAt('INSERT', '40001', '40P01');
    await write(db);
    expect(asked.filter((sql) => sql === 'INSERT')).toHaveLength(3);
  });

  it('is not written again if its end got no answer: it may have been written', async () => {
    const { db, asked } = failingAt('COMMIT', 'ECONNRESET');
    await expect(write(db)).rejects.toBeInstanceOf(PassingTrouble);
    expect(asked).toEqual(['BEGIN', 'INSERT', 'COMMIT']);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as SqliteDatabase } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CopyOptions, copyIndex } from '../../src/app/copy/copy-index.js';
import { INDEX_TABLES } from '../../src/domain/copy/index-tables.js';
import type { CopySource, CopyTarget } from '../../src/domain/ports/index-copy.js';
import type { Database } from '../../src/postgres/connection/database.js';
import { createCopySource } from '../../src/postgres/copy/copy-source.js';
import { createCopyTarget } from '../../src/postgres/copy/copy-target.js';
import { migrate } from '../../src/postgres/schema/migrate.js';
import { checkIndex } from '../../src/sqlite/check/check.js';
import { openCopySource } from '../../src/sqlite/copy/copy-source.js';
import { openCopyTarget } from '../../src/sqlite/copy/copy-target.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { lockDirectory } from '../../src/sqlite/file/directory-lock.js';
import { configure } from '../contract/index-under-test.js';
import { makeSqliteIndex, MIGRATIONS as SQLITE_MIGRATIONS, temporaryDirectory } from '../sqlite/temporary-index.js';
import { createCleanup } from '../support/cleanup.js';
import { fillOddly, GONE_TOKEN, ODD_TEXTS } from '../support/odd-index.js';
import { emptyIndex, MIGRATIONS } from './index-ports.js';
import { makePgliteIndex } from './pglite-index.js';

/** Few, so that tables take several steps. */
const ROWS_AT_ONCE = 3;
/** Some hundred transactions, which a busy machine takes long for. */
const STEPS_WITHIN_MS = 120_000;

describe('a copy of an index', () => {
  const cleanup = createCleanup();
  let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
  let postgres: Database;

  beforeEach(async () => {
    index = await makeSqliteIndex();
    cleanup.add(index.close);
    const made = await makePgliteIndex();
    cleanup.add(made.close);
    cleanup.add(() => made.db.run('DROP TABLE IF EXISTS copy_progress'));
    postgres = made.db;
  });
  afterEach(cleanup.run);

  /** Copies from the file to PostgreSQL. */
  const copyThere = (options: CopyOptions = {}) =>
    using(openCopySource(index.file, { migrations: SQLITE_MIGRATIONS, replicated: false }), (source) =>
      copyIndex(source, createCopyTarget(postgres, 'there'), { rowsAtOnce: ROWS_AT_ONCE, ...options }),
    );
  /** Copies from PostgreSQL to a file. */
  const copyBack = (file: string, options: CopyOptions = {}) =>
    using(openCopyTarget(file, SQLITE_MIGRATIONS), (target) =>
      copyIndex(createCopySource(postgres, 'there'), target, { rowsAtOnce: ROWS_AT_ONCE, ...options }),
    );
  const newFile = () => {
    const directory = temporaryDirectory();
    cleanup.add(directory.remove);
    return join(directory.path, 'ovadex.db');
  };
  const contentOf = (file: string) => {
    const db = openDatabase(file);
    try {
      return wholeContent(db);
    } finally {
      db.close();
    }
  };

  it('names every column of every table of both databases, and each has a value in these tests', async () => {
    await fillOddly(index, index.db);
    const named = INDEX_TABLES.map(({ name, columns }) => [name, columns.map((column) => column.name).sort()]);
    const inSqlite = INDEX_TABLES.map(({ name }) => [
      name,
      index.db
        .prepare<[string], string>(
          "SELECT iif(name = 'user', 'user_name', name) FROM pragma_table_xinfo(?) WHERE hidden = 0",
        )
        .pluck()
        .all(name)
        .sort(),
    ]);
    expect(inSqlite).toEqual(named);
    const inPostgres = await Promise.all(
      INDEX_TABLES.map(async ({ name }) => {
        const columns = await postgres.rows<{ name: string }>(
          "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'",
          [name],
        );
        return [name, columns.map((column) => column.name).sort()];
      }),
    );
    expect(inPostgres).toEqual(named);
    const empty = INDEX_TABLES.flatMap(({ name, columns }) =>
      columns.filter(
        (column) =>
          index.db
            .prepare(`SELECT 1 FROM ${name} WHERE "${column.name === 'user_name' ? 'user' : column.name}" IS NOT NULL`)
            .get() === undefined,
      ),
    );
    expect(empty).toEqual([]);
    const others = ['migrations', 'webhook_messages', 'image_groups', 'trigram_extent'];
    const all = index.db
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'image_trigrams*'",
      )
      .pluck()
      .all();
    expect(all.sort()).toEqual([...INDEX_TABLES.map(({ name }) => name), ...others].sort());
  });

  it('is the same to the byte after a way there and back', async () => {
    await fillOddly(index, index.db);
    const there = await copyThere();
    expect(there).toMatchObject({ isResumed: false, isFinished: true });
    expect(there.rows).toEqual(countsOf(index.db));
    const [found] = await postgres.rows(`SELECT capacity_bytes, is_settled, product FROM images WHERE id = 3`);
    expect(found).toEqual({ capacity_bytes: '98765432109876543210', is_settled: true, product: ODD_TEXTS[2] });
    expect(await postgres.rows('SELECT begun FROM webhook_messages')).toEqual([{ begun: 41 }]);

    const file = newFile();
    expect(await copyBack(file)).toMatchObject({ rows: there.rows, isResumed: false, isFinished: true });
    expect(contentOf(file)).toEqual(wholeContent(index.db));
    expect(checkIndex(file, SQLITE_MIGRATIONS).findings).toEqual(checkIndex(index.file, SQLITE_MIGRATIONS).findings);
  });

  it('gives ids that were never given before', async () => {
    await fillOddly(index, index.db);
    await copyThere();
    const given = await postgres.row<{ id: number }>(
      "INSERT INTO tokens (user_name, hash, scopes, created_at) VALUES ('x', $1, '[]', 1) RETURNING id",
      ['a'.repeat(64)],
    );
    expect(given?.id).toBe(GONE_TOKEN + 1);
    await postgres.run('DELETE FROM tokens WHERE id > 700');
    const file = newFile();
    await copyBack(file);
    const db = openDatabase(file);
    db.exec(`INSERT INTO tokens (user, hash, scopes, created_at) VALUES ('x', '${'a'.repeat(64)}', '[]', 1)`);
    expect(db.prepare('SELECT max(id) FROM tokens').pluck().get()).toBe(GONE_TOKEN + 2);
    db.close();
  });

  it(
    'goes on where it was broken off, in either direction and after each step',
    async () => {
      await fillOddly(index, index.db);
      const file = newFile();
      for (const copy of [copyThere, (options: CopyOptions) => copyBack(file, options)]) {
        const seen: string[] = [];
        for (let isDone = false; !isDone; ) {
          const controller = new AbortController();
          const onProgress: CopyOptions['onProgress'] = ({ phase, table, rows }) => {
            if (phase === 'compare') return;
            seen.push(`${phase} ${table} ${rows}`);
            controller.abort();
          };
          isDone = await copy({ onProgress, signal: controller.signal }).then(
            () => true,
            (error: unknown) => {
              expect(error).toMatchObject({ name: 'AbortError' });
              return false;
            },
          );
        }
        const puts = seen.filter((each) => each.startsWith('put ')).map((each) => each.split(' ')[1]);
        const steps = INDEX_TABLES.flatMap(({ name }) =>
          Array<string>(Math.floor((countsOf(index.db)[name] ?? 0) / ROWS_AT_ONCE) + 1).fill(name),
        );
        expect(puts).toEqual(steps);
      }
      expect(contentOf(file)).toEqual(wholeContent(index.db));
    },
    STEPS_WITHIN_MS,
  );

  it('goes on when a process ends between a step and the next one', async () => {
    await fillOddly(index, index.db);
    const source = () => openCopySource(index.file, { migrations: SQLITE_MIGRATIONS, replicated: false });
    let runs = 0;
    for (let isDone = false; !isDone; runs++) {
      const target = createCopyTarget(postgres, 'there');
      let moves = 0;
      const dying: CopyTarget = {
        ...target,
        async move(from, to, changes) {
          await target.move(from, to, changes);
          if (++moves === 4) throw new Error('killed');
        },
      };
      isDone = await using(source(), (its) => copyIndex(its, dying, { rowsAtOnce: ROWS_AT_ONCE })).then(
        () => true,
        () => false,
      );
    }
    expect(runs).toBeGreaterThan(5);
    const file = newFile();
    await copyBack(file);
    expect(contentOf(file)).toEqual(wholeContent(index.db));
  });

  it('takes in what has changed while it was broken off', async () => {
    await fillOddly(index, index.db);
    const broken = new AbortController();
    const stopped = copyThere({
      signal: broken.signal,
      onProgress: ({ phase }) => {
        if (phase === 'compare') broken.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    index.db.exec(
      "DELETE FROM descriptions WHERE image = 2; UPDATE images SET etag = 'new' WHERE id = 1; DELETE FROM hours",
    );
    await configure(index, 'ab', 'nina');
    expect(await copyThere()).toMatchObject({ rows: countsOf(index.db), isFinished: true });
    const file = newFile();
    await copyBack(file);
    expect(contentOf(file)).toEqual(wholeContent(index.db));
  });

  it('finds a row that has changed since where nothing shows it', async () => {
    await fillOddly(index, index.db);
    const broken = new AbortController();
    const onProgress: CopyOptions['onProgress'] = ({ phase, table }) => {
      if (phase === 'put' && table === 'syncs') broken.abort();
    };
    await expect(copyThere({ signal: broken.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' });
    await postgres.run("UPDATE images SET etag = 'spoilt' WHERE id = 1");
    await postgres.run('DELETE FROM descriptions WHERE image = 1');
    expect(await copyThere()).toMatchObject({ isResumed: true, isFinished: true });
    const file = newFile();
    await copyBack(file);
    expect(contentOf(file)).toEqual(wholeContent(index.db));
  });

  it('is not finished while a daemon may write to the source, and only what differs is written when it is', async () => {
    await fillOddly(index, index.db);
    const daemon = lockDirectory(join(index.file, '..'));
    expect(await copyThere()).toMatchObject({ isFinished: false });
    await expect(migrate(postgres, MIGRATIONS)).rejects.toMatchObject({ code: 'conflict' });
    index.db.exec('UPDATE spaces SET revision = 1 WHERE id = 1; UPDATE images SET cpus = 5 WHERE id = 2');
    daemon.release();
    const target = createCopyTarget(postgres, 'there');
    const put: string[] = [];
    const watched: CopyTarget = {
      ...target,
      move(from, to, changes) {
        if ((changes?.put.length ?? 0) > 0) put.push(from.table ?? '');
        return target.move(from, to, changes);
      },
    };
    const source = openCopySource(index.file, { migrations: SQLITE_MIGRATIONS, replicated: false });
    expect(await using(source, (its) => copyIndex(its, watched))).toMatchObject({ isFinished: true });
    expect(new Set(put)).toEqual(new Set(['spaces', 'images']));
    await expect(migrate(postgres, MIGRATIONS)).resolves.toBeUndefined();
  });

  it('keeps writers out of a file that nobody else uses, but no readers', async () => {
    await fillOddly(index, index.db);
    const source = openCopySource(index.file, { migrations: SQLITE_MIGRATIONS, replicated: false });
    index.db.pragma('busy_timeout = 0');
    expect(() => index.db.exec('DELETE FROM hours')).toThrow('locked');
    expect(index.db.prepare('SELECT count(*) FROM hours').pluck().get()).toBeGreaterThan(1);
    expect(() => lockDirectory(join(index.file, '..'))).toThrow(expect.objectContaining({ code: 'conflict' }));
    await source.close();
    index.db.exec('DELETE FROM hours');
  });

  it('lets readers go on from the one run that hosts of a server share, and not from one that was killed', async () => {
    index.db.exec(
      "DELETE FROM runs; INSERT INTO runs (number, key, began_at, ended_at) VALUES (1, 'a', 1, 2), (2, 'b', 3, 4)",
    );
    await copyThere();
    expect(await postgres.rows('SELECT key FROM runs ORDER BY number')).toEqual([{ key: 'a' }, { key: 'b' }]);
    await postgres.run("INSERT INTO runs (key, began_at) VALUES ('c', 5)");
    const file = newFile();
    await copyBack(file, { clock: () => 6 });
    expect(contentOf(file)).toMatchObject({
      runs: [
        [1, 'a', 1, 2],
        [2, 'b', 3, 4],
        [3, 'c', 5, 6],
      ],
    });
    await emptyIndex(postgres);
    index.db.exec("INSERT INTO runs (key, began_at) VALUES ('killed', 5)");
    await copyThere();
    expect(await postgres.rows('SELECT key FROM runs')).toEqual([]);
  });

  it('takes a database for empty where only a schema was made', async () => {
    await postgres.run("INSERT INTO runs (key, began_at) VALUES ('first', 1)");
    await fillOddly(index, index.db);
    expect(await copyThere()).toMatchObject({ rows: countsOf(index.db), isFinished: true });
  });

  it('leaves another index as it is', async () => {
    await fillOddly(index, index.db);
    await postgres.run('INSERT INTO hours (hour) VALUES (5)');
    await expect(copyThere()).rejects.toMatchObject({ code: 'conflict' });
    expect(await postgres.rows('SELECT hour FROM hours')).toEqual([{ hour: 5 }]);
    expect(() => openCopyTarget(join(index.file, '..', 'index.db'), SQLITE_MIGRATIONS)).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
    expect(existsSync(join(index.file, '..', 'copying.db'))).toBe(false);
  });

  it('stores a NUL and half a character as PostgreSQL can', async () => {
    index.db.exec(`INSERT INTO tokens (user, hash, scopes, name, created_at)
      VALUES ('x', '${'0'.repeat(64)}', '["\\ud800","\\u0000","\\u0001"]', 'a' || char(0) || 'b', 1)`);
    await copyThere();
    expect(await postgres.rows('SELECT name, scopes FROM tokens')).toEqual([
      { name: 'a\ufffdb', scopes: ['\ufffd', '\ufffd', '\u0001'] },
    ]);
  });
});

async function using<T, Side extends CopySource | CopyTarget>(
  side: Side,
  work: (side: Side) => Promise<T>,
): Promise<T> {
  try {
    return await work(side);
  } finally {
    await side.close();
  }
}

/** Everything that a file has, read without the code under test. */
function wholeContent(db: SqliteDatabase): object {
  const tables = [...INDEX_TABLES.map(({ name }) => name), 'webhook_messages', 'image_groups', 'sqlite_sequence'];
  return Object.fromEntries(
    tables.map((table) => [
      table,
      db
        .prepare(`SELECT * FROM ${table} ORDER BY ${table === 'webhook_messages' ? 'begun' : '1, 2'}`)
        .raw()
        .all(),
    ]),
  );
}

function countsOf(db: SqliteDatabase): Record<string, number> {
  return Object.fromEntries(
    INDEX_TABLES.map(({ name }) => [name, db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get() ?? 0]),
  );
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INDEX_TABLES } from '../../src/domain/copy/index-tables.js';
import { checkIndex } from '../../src/sqlite/check/check.js';
import { openCopyTarget } from '../../src/sqlite/copy/copy-target.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { begin, configure } from '../contract/index-under-test.js';
import { MIGRATIONS as SQLITE_MIGRATIONS } from '../sqlite/temporary-index.js';
import { createCleanup } from '../support/cleanup.js';
import { fillOddly, GONE_TOKEN, ODD_TEXTS } from '../support/odd-index.js';
import { type CopyScene, contentOfFile, makeCopyScene } from './copy-scene.js';
import { emptyIndex } from './index-ports.js';

/** Tables that aren't copied: they are made again of the others, or each database has its own. */
const OTHERS_IN_SQLITE = ['migrations', 'webhook_messages', 'image_groups', 'trigram_extent'];
/** What only hosts that share an index have. */
const OF_HOSTS = [
  'leadership',
  'hosts',
  'audit',
  'log_in_counts',
  'storage_places',
  'reading_turns',
  'storage_pauses',
  'storage_outages',
  'webhook_senders',
];
const OTHERS_IN_POSTGRES = ['migrations', 'webhook_messages', 'keys', 'timelines', 'written', ...OF_HOSTS];

describe('a copy of an index', () => {
  const cleanup = createCleanup();
  let scene: CopyScene;
  beforeEach(async () => {
    scene = await makeCopyScene(cleanup);
  });
  afterEach(cleanup.run);

  it('names every column of every table of both databases, and each has a value in these tests', async () => {
    const { index, postgres } = scene;
    await fillOddly(index, index.db);
    const named = INDEX_TABLES.map(({ name, columns }) => [name, columns.map((column) => column.name).sort()]);
    const columnsInSqlite = index.db
      .prepare<[string], string>(
        "SELECT iif(name = 'user', 'user_name', name) FROM pragma_table_xinfo(?) WHERE hidden = 0",
      )
      .pluck();
    expect(INDEX_TABLES.map(({ name }) => [name, columnsInSqlite.all(name).sort()])).toEqual(named);
    const columns = await postgres.rows<{ table: string; name: string }>(
      `SELECT table_name AS table, column_name AS name FROM information_schema.columns WHERE is_generated = 'NEVER'`,
    );
    const columnsInPostgres = (table: string) => columns.filter((each) => each.table === table).map(({ name }) => name);
    expect(INDEX_TABLES.map(({ name }) => [name, columnsInPostgres(name).sort()])).toEqual(named);

    const tablesInSqlite = index.db
      .prepare<[], string>(
        `SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'image_trigrams*'`,
      )
      .pluck();
    const copied = INDEX_TABLES.map(({ name }) => name);
    expect(tablesInSqlite.all().sort()).toEqual([...copied, ...OTHERS_IN_SQLITE].sort());
    const tables = await postgres.rows<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    expect(tables.map(({ name }) => name).sort()).toEqual([...copied, ...OTHERS_IN_POSTGRES].sort());

    const isEmpty = (table: string, column: string) =>
      index.db.prepare(`SELECT 1 FROM ${table} WHERE "${column.replace('user_name', 'user')}" IS NOT NULL`).get() ===
      undefined;
    const empty = INDEX_TABLES.flatMap(({ name, columns }) => columns.filter((column) => isEmpty(name, column.name)));
    expect(empty).toEqual([]);
  });

  it('is the same to the byte after a way there and back', async () => {
    await fillOddly(scene.index, scene.index.db);
    const there = await scene.copyThere();
    expect(there).toEqual({ rows: scene.counts(), isResumed: false, isFinished: true });
    const found = await scene.postgres.rows('SELECT capacity_bytes, is_settled, product FROM images WHERE id = 3');
    expect(found).toEqual([{ capacity_bytes: '98765432109876543210', is_settled: true, product: ODD_TEXTS[2] }]);
    expect(await scene.postgres.rows('SELECT begun FROM webhook_messages')).toEqual([{ begun: 41 }]);

    const file = scene.newFile();
    expect(await scene.copyBack(file)).toMatchObject({ isResumed: false, isFinished: true });
    expect(contentOfFile(file)).toEqual(scene.content());
    const findings = checkIndex(scene.index.file, SQLITE_MIGRATIONS).findings;
    expect(checkIndex(file, SQLITE_MIGRATIONS).findings).toEqual(findings);
  });

  it('gives ids that were never given before', async () => {
    await fillOddly(scene.index, scene.index.db);
    await scene.copyThere();
    const given = await scene.postgres.row<{ id: number }>(
      "INSERT INTO tokens (user_name, hash, scopes, created_at) VALUES ('x', $1, '[]', 1) RETURNING id",
      ['a'.repeat(64)],
    );
    expect(given?.id).toBe(GONE_TOKEN + 1);
    await scene.postgres.run('DELETE FROM tokens WHERE id = $1', [given?.id]);
    const file = scene.newFile();
    await scene.copyBack(file);
    const db = openDatabase(file);
    db.exec(`INSERT INTO tokens (user, hash, scopes, created_at) VALUES ('x', '${'a'.repeat(64)}', '[]', 1)`);
    expect(db.prepare('SELECT max(id) FROM tokens').pluck().get()).toBe(GONE_TOKEN + 2);
    db.close();
  });

  it('lets readers go on from the one run that hosts of a server share, and not from one that was killed', async () => {
    scene.index.db.exec("DELETE FROM runs; INSERT INTO runs VALUES (1, 'a', 1, 2), (2, 'b', 3, 4)");
    await scene.copyThere({ clock: () => 5 });
    const found = await scene.postgres.rows<{ key: string }>(
      'SELECT key, began_at, ended_at FROM runs ORDER BY number',
    );
    expect(found).toEqual([
      { key: 'a', began_at: 1, ended_at: 2 },
      { key: 'b', began_at: 3, ended_at: 4 },
      { key: expect.stringMatching(/^[0-9a-f]{12}$/) as string, began_at: 5, ended_at: null },
    ]);
    const file = scene.newFile();
    await scene.copyBack(file, { clock: () => 6 });
    const db = openDatabase(file);
    const runs = db.prepare('SELECT * FROM runs').raw().all();
    db.close();
    expect(runs).toEqual([
      [1, 'a', 1, 2],
      [2, 'b', 3, 4],
      [3, found[2]?.key, 5, 6],
    ]);

    await emptyIndex(scene.postgres);
    scene.index.db.exec("INSERT INTO runs VALUES (9, 'killed', 7, NULL)");
    await scene.copyThere({ clock: () => 8 });
    expect(await scene.postgres.rows('SELECT number, began_at FROM runs')).toEqual([{ number: 10, began_at: 8 }]);
  });

  it('leaves what was begun to be resumed, as either database notes it', async () => {
    await configure(scene.index, 'ab', 'kim');
    const { lease } = await begin(scene.index, 'kim');
    scene.index.db.exec('UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL');
    await scene.copyThere();
    const leases = 'SELECT user_name, lease_owner, lease_sync, lease_until FROM spaces ORDER BY user_name';
    expect(await scene.postgres.rows(leases)).toEqual([
      { user_name: 'ab', lease_owner: null, lease_sync: null, lease_until: null },
      { user_name: 'kim', lease_owner: '', lease_sync: lease.syncId, lease_until: 0 },
    ]);
    const file = scene.newFile();
    await scene.copyBack(file);
    expect(contentOfFile(file)).toEqual(scene.content());
  });

  it('leaves another index as it is', async () => {
    const { index, postgres } = scene;
    await fillOddly(index, index.db);
    await postgres.run('INSERT INTO hours (hour) VALUES (5)');
    await expect(scene.copyThere()).rejects.toMatchObject({ code: 'conflict' });
    expect(await postgres.rows('SELECT hour FROM hours')).toEqual([{ hour: 5 }]);
    const directory = join(index.file, '..');
    expect(() => openCopyTarget(index.file, SQLITE_MIGRATIONS)).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(existsSync(join(directory, 'copying.db'))).toBe(false);
  });

  it('stores a NUL and half a character as PostgreSQL can', async () => {
    scene.index.db.exec(`INSERT INTO tokens (user, hash, scopes, name, created_at)
      VALUES ('x', '${'0'.repeat(64)}', '["\\ud800","\\u0000","\\u0001"]', 'a' || char(0) || 'b', 1)`);
    await scene.copyThere();
    expect(await scene.postgres.rows('SELECT name, scopes FROM tokens')).toEqual([
      { name: 'a\ufffdb', scopes: ['\ufffd', '\ufffd', '\u0001'] },
    ]);
  });
});

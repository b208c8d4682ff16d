import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { loadSigningKey, SIGNING_KEY_FILE } from '../../../src/auth/signing-key.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { until } from '../../support/process/process-tree.js';
import { overhear } from '../../support/secrets.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';

/** `IMAGES=1000000` measures what a large index takes. */
const IMAGES = Number(process.env['IMAGES'] ?? 100_000);
const WITHIN_MS = 60_000 + IMAGES;
/** A part of the images is there. */
const FAR_BYTES = 2_000_000;

/** Of the command, as JSON. */
interface Answer {
  readonly finished: boolean;
  readonly resumed: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

describeInstalled('ovadex db copy, between a file and a genuine PostgreSQL', [postgresMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;
  let ovadex: Ovadex;
  let directory: string;

  beforeAll(async () => {
    server = await startPostgres({ isDurable: true });
    cleanup.add(server.stop);
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    directory = mkdtempSync(join(tmpdir(), 'ovadex-copy-'));
    cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
    await fill(dataOf('here'));
    await loadSigningKey(dataOf('here'));
  }, WITHIN_MS);
  afterAll(cleanup.run);

  const dataOf = (name: string) => join(directory, name);
  const use = (name: string) => ovadex.configure({ data: { directory: dataOf(name) }, spaces: [] });
  /** What the images of a database take; 0 as long as there is no such table. */
  const sizeOf = async (url: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ bytes: string }>(
      "SELECT coalesce(pg_relation_size(to_regclass('images')), 0) AS bytes",
    );
    await client.end();
    return Number(rows[0]?.bytes);
  };
  const copy = async (...words: readonly string[]) => {
    const begun = performance.now();
    const { tables, finished, resumed } = (await ovadex.json('db', 'copy', ...words)) as Answer;
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    console.info(`db copy ${words[0]}: ${IMAGES} images in ${seconds} s`);
    return { finished, resumed, rows: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])) };
  };

  it('copies all there and back, though it is killed on the way', { timeout: 4 * WITHIN_MS }, async () => {
    const url = await server.createDatabase();
    use('here');
    await killCopy(ovadex, ['--to', url], async () => (await sizeOf(url)) > FAR_BYTES);
    await expect(ovadex.run('images', '--user', 'u1')).resolves.toMatchObject({ code: 0 });
    const there = await copy('--to', url);
    expect(there).toMatchObject({ resumed: true, finished: true, rows: { images: IMAGES, spaces: 100 } });

    use('back');
    const copying = join(dataOf('back'), 'copying.db-wal');
    await killCopy(
      ovadex,
      ['--from', url],
      async () => (statSync(copying, { throwIfNoEntry: false })?.size ?? 0) > FAR_BYTES,
    );
    expect(await copy('--from', url)).toEqual({
      ...there,
      rows: { ...there.rows, runs: 2 },
    });
    expect(readFileSync(join(dataOf('back'), SIGNING_KEY_FILE))).toEqual(
      readFileSync(join(dataOf('here'), SIGNING_KEY_FILE)),
    );
    expect(await ovadex.json('db', 'check')).toMatchObject({ ok: true, images: 0.9 * IMAGES });
    expect(differing(dataOf('here'), dataOf('back'))).toEqual([]);
  });

  it('does not finish a copy of a database that a host uses', { timeout: WITHIN_MS }, async () => {
    const url = await server.createDatabase();
    mkdirSync(dataOf('small'));
    await (await openIndex({ data: { directory: dataOf('small') } })).close();
    use('small');
    await copy('--to', url);
    const host = new Client({ connectionString: url, application_name: 'ovadex' });
    await host.connect();
    use('small-back');
    expect(await ovadex.run('db', 'copy', '--from', url)).toMatchObject({ code: 75 });
    await host.end();
    expect(await copy('--from', url)).toMatchObject({ finished: true });
    await expect(ovadex.run('db', 'copy', '--from', url)).resolves.toMatchObject({ code: 73 });
  });
});

/** Begins a copy, and kills the program as soon as it has come so far. */
async function killCopy(ovadex: Ovadex, words: readonly string[], isFar: () => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, ovadex.argv('db', 'copy', ...words), { stdio: ['ignore', 'pipe', 'pipe'] });
  overhear(child);
  const ended = once(child, 'exit');
  await until(isFar, 'some rows in the copy');
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

/** Makes an index of 100 spaces, a tenth of whose images was read and another tenth is gone. */
async function fill(data: string): Promise<void> {
  mkdirSync(data);
  const index = await openIndex({ data: { directory: data } });
  await index.runs.begin(1);
  await index.runs.end(2);
  await index.close();
  const db = openDatabase(join(data, 'ovadex.db'));
  db.exec(`
    INSERT INTO spaces (user, url, added_at, collections)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
      SELECT 'u' || i, 'http://127.0.0.1:9/u' || i || '/', 1, 1 FROM n;
    INSERT INTO collections (id, space, parent, path) SELECT id, id, NULL, '' FROM spaces;
    INSERT INTO images (space, collection, path, name, name_key, size_bytes, etag, modified_at, created_at, updated_at,
        changed_in, missing_since, state, family, cpus, memory_mib, disk_count, capacity_bytes)
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${IMAGES - 1})
      SELECT i % 100 + 1, i % 100 + 1, name, name, name, i * 1000, '"' || i || '"', i, 1, 2, 1, iif(i % 10 = 7, 3, NULL),
        iif(i % 10 = 1, 1, NULL), iif(i % 10 = 1, 'linux', NULL), iif(i % 10 = 1, 2, NULL), iif(i % 10 = 1, 2048, NULL),
        iif(i % 10 = 1, 1, NULL), iif(i % 10 = 1, i * 1e6, NULL)
      FROM (SELECT i, printf('%s-%08d.ova', substr('webmaildatahost', i % 4 * 4 + 1, 4), i) AS name FROM n);
    INSERT INTO descriptions SELECT id, space, 1, 2, 3, 4, json_object('state', 'ok', 'product', name) FROM images WHERE state = 1;
    UPDATE spaces SET revision = 1, described_images = of.described, waiting_images = of.shown - of.described, images = of.shown
      FROM (SELECT space, count(*) AS shown, count(state) AS described FROM images WHERE missing_since IS NULL GROUP BY space) AS of
      WHERE of.space = spaces.id`);
  db.close();
}

/** Names the tables whose rows differ. */
function differing(a: string, b: string): readonly string[] {
  const db = openDatabase(join(a, 'ovadex.db'));
  db.prepare('ATTACH ? AS other').run(join(b, 'ovadex.db'));
  const isDifferent = (table: string) =>
    db
      .prepare(
        `SELECT 1 FROM (SELECT * FROM main.${table} EXCEPT SELECT * FROM other.${table})
         UNION ALL SELECT 1 FROM (SELECT * FROM other.${table} EXCEPT SELECT * FROM main.${table}) LIMIT 1`,
      )
      .get() !== undefined;
  const found = ['spaces', 'collections', 'images', 'descriptions', 'syncs', 'tokens'].filter(isDifferent);
  db.close();
  return found;
}

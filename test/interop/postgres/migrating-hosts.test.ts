import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LEAD_LEASE_MS } from '../../../src/crawl/schedule/lead.js';
import type { Finding } from '../../../src/domain/diagnosis/finding.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { overhear } from '../../support/secrets.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { freePort } from '../../support/servers/server-process.js';
import { queryOf } from './hammer/scene.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const SPACES = 1_000;
/** Hosts look every ten seconds; the rest is for a busy machine. */
const NOTICED_WITHIN_MS = 25_000;
const STEP = 'of-a-test';
/** Takes long enough to be met in the middle, and would not do a second time. */
const NEXT_STEP = `
  ALTER TABLE spaces ADD COLUMN of_a_test bigint;
  UPDATE spaces SET of_a_test = revision + 1;
  SELECT pg_sleep(2);
  ALTER TABLE spaces ALTER COLUMN of_a_test SET NOT NULL;`;

describeInstalled('hosts that bring the schema up to date', [postgresMissing], () => {
  const cleanup = createCleanup();
  const run = promisify(execFile);
  let server: PostgresServer;
  /** Of the next version of the program, which has one step more. */
  let next: string;
  let scratch: string;

  beforeAll(async () => {
    server = await startPostgres();
    cleanup.add(server.stop);
    scratch = mkdtempSync(join(tmpdir(), 'ovadex-migrating-'));
    cleanup.add(() => rmSync(scratch, { recursive: true }));
    for (const part of ['dist', 'migrations', 'package.json']) {
      cpSync(join(PROJECT, part), join(scratch, 'next', part), { recursive: true });
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(scratch, 'next', 'node_modules'));
    const steps = join(scratch, 'next/migrations/postgres');
    const number = `${readdirSync(steps).length + 1}`.padStart(4, '0');
    writeFileSync(join(steps, `${number}-${STEP}.sql`), NEXT_STEP);
    next = join(scratch, 'next/dist/main.js');
  });
  afterAll(cleanup.run);

  /** A database with the content of an older version, and what its hosts run. */
  const makeScene = async (name: string) => {
    const database = await server.createDatabase();
    const config = join(scratch, `${name}.yaml`);
    writeFileSync(
      config,
      [
        `data: { directory: "${join(scratch, name)}", url: "${database}" }`,
        'spaces: [{ user: jm, url: "http://127.0.0.1:9/" }]',
      ].join('\n'),
    );
    const migrate = async (program: string) => {
      const ended = await run(process.execPath, [program, 'db', 'migrate', '--config', config]).catch(
        (error: { readonly code: number; readonly stderr: string }) => error,
      );
      return { code: 'code' in ended ? ended.code : 0, stderr: ended.stderr };
    };
    /** By the older program. */
    const doctor = async () => {
      const args = [join(PROJECT, 'dist/main.js'), 'doctor', '--json', '--config', config];
      const { stdout } = await run(process.execPath, args).catch((error: { readonly stdout: string }) => error);
      return JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    };
    /** Runs the daemon of the older program, until it ends by itself. */
    const serve = async () => {
      const listen = `127.0.0.1:${await freePort()}`;
      const itsConfig = `${config}.serve.yaml`;
      writeFileSync(itsConfig, `${readFileSync(config, 'utf8')}\nserver: { listen: "${listen}" }\n`);
      const child = spawn(process.execPath, [join(PROJECT, 'dist/main.js'), 'serve', '--config', itsConfig]);
      cleanup.add(() => void child.kill('SIGKILL'));
      overhear(child);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      return {
        isServing: async () => (await fetch(`http://${listen}/readyz`).catch(() => null))?.ok ?? false,
        ended: once(child, 'close').then(([code]) => ({ code, stderr })),
      };
    };
    const begin = (): ChildProcess => {
      const child = spawn(process.execPath, [next, 'db', 'migrate', '--config', config]);
      overhear(child);
      return child;
    };
    const query = queryOf(database);
    expect(await migrate(join(PROJECT, 'dist/main.js'))).toMatchObject({ code: 0 });
    await query(
      `INSERT INTO spaces (user_name, url, added_at, revision)
       SELECT 'user ' || n, 'http://127.0.0.1:9/' || n, 0, n FROM generate_series(1, $1) AS n`,
      [SPACES],
    );
    /** Until the step is under way. */
    const underWay = () =>
      expect
        .poll(
          () =>
            query(
              `SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`,
            ),
          {
            timeout: 20_000,
          },
        )
        .toHaveLength(1);
    const content = () =>
      query(
        'SELECT count(*)::int AS spaces, count(*) FILTER (WHERE of_a_test = revision + 1)::int AS done FROM spaces',
      );
    return { migrate, doctor, serve, begin, query, underWay, content };
  };

  it('at once make each step once, and lose nothing', async () => {
    const { migrate, query, content } = await makeScene('at-once');
    const ended = await Promise.all(Array.from({ length: 3 }, () => migrate(next)));
    expect(ended.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(['0', '0', '0']);
    expect(await content()).toEqual([{ spaces: SPACES, done: SPACES }]);
    expect(await query(`SELECT count(*)::int AS steps FROM migrations WHERE name LIKE '%${STEP}%'`)).toEqual([
      { steps: 1 },
    ]);
  });

  it('and are killed in the middle leave it to the next one, as it was', async () => {
    const { migrate, begin, query, underWay, content } = await makeScene('killed');
    const killed = begin();
    await underWay();
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(await query(`SELECT FROM migrations WHERE name LIKE '%${STEP}%'`)).toEqual([]);
    expect(await migrate(next)).toMatchObject({ code: 0 });
    expect(await content()).toEqual([{ spaces: SPACES, done: SPACES }]);
  });

  it('end as a start of theirs would, once a newer program has changed the schema while they run', async () => {
    const { migrate, serve, query } = await makeScene('left-behind');
    const { ended, isServing } = await serve();
    await expect.poll(isServing, { timeout: 30_000 }).toBe(true);
    expect(await migrate(next)).toMatchObject({ code: 0 });
    const migratedAt = Date.now();
    const { code, stderr } = await ended;
    expect(code).toBe(76);
    expect(Date.now() - migratedAt).toBeLessThan(NOTICED_WITHIN_MS);
    const refused = await migrate(join(PROJECT, 'dist/main.js'));
    const words = /the index was written by a newer ovadex .*$/m;
    expect(words.exec(stderr)?.[0]).toBe(words.exec(refused.stderr)?.[0]);
    // What it had in hand is left to others, by leases that end.
    const held = 'SELECT FROM leadership WHERE until > extract(epoch FROM clock_timestamp()) * 1000';
    await expect.poll(() => query(held), { timeout: 2 * LEAD_LEASE_MS }).toEqual([]);
  });

  it('refuse a schema that is newer than they are, and change nothing', async () => {
    const { migrate, doctor, content } = await makeScene('newer');
    expect(await migrate(next)).toMatchObject({ code: 0 });
    const { code, stderr } = await migrate(join(PROJECT, 'dist/main.js'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('newer');
    const { findings } = await doctor();
    // What goes back to a file's backup does nothing for a database.
    expect(findings.find(({ area }) => area === 'index')).toMatchObject({
      severity: 'problem',
      message: expect.stringContaining('newer'),
      action: expect.stringMatching(/^run the version that wrote it, or restore a dump/),
    });
    expect(await content()).toEqual([{ spaces: SPACES, done: SPACES }]);
  });
});

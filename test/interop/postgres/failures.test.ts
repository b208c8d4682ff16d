import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { makeOutageScene } from './outage-scene.js';

const IMAGES = ['a.ova', 'b.ova'];
const LIST = 'v2/image';
const BACK_WITHIN_MS = 40_000;
/** A claim whose answer was lost on the way keeps its space for a lease of half a minute. */
const RESUMED_WITHIN_MS = 75_000;
const NOTICED_WITHIN_MS = 20_000;
/** Requests wait ten seconds at most, and a busy machine adds some. */
const REFUSED_WITHIN_MS = 15_000;

const clientsMissing = ['pg_dump', 'psql'].every((name) => findProgram(name) !== null)
  ? null
  : 'pg_dump and psql (Debian: postgresql-client)';

describeInstalled('a host whose database is in trouble', [postgresMissing, apacheMissing, clientsMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: '40', superuser_reserved_connections: '3' } });
    cleanup.add(server.stop);
  });
  afterAll(cleanup.run);

  const makeScene = async (settings = {}) => {
    const own = createCleanup();
    onTestFinished(own.run);
    const scene = await makeOutageScene(own, server, { images: IMAGES, settings });
    const names = async () => (await scene.ask(LIST)).names;
    await expect.poll(names, { timeout: BACK_WITHIN_MS }).toEqual(IMAGES);
    /** As the database's superuser, in the database of the scene. */
    const connect = async () => {
      const client = new Client({ connectionString: scene.database.replace('//ovadex@', '//postgres@') });
      client.on('error', () => undefined);
      await client.connect();
      onTestFinished(() => client.end().catch(() => undefined));
      return client;
    };
    /** Puts an image there, and waits until it is listed. */
    const expectNews = async (name: string) => {
      scene.put(name);
      await expect
        .poll(async () => (await scene.ask('v2/user/image/vm', {}, 'PATCH')).status, { timeout: BACK_WITHIN_MS })
        .toBe(202);
      await expect.poll(names, { timeout: BACK_WITHIN_MS }).toContain(name);
      const failed = await scene.ask('v2/request/image_sync?filter=status,eq,ERROR');
      expect(failed.status === 200 ? (JSON.parse(failed.text) as { data: unknown[] }).data : failed.text).toEqual([]);
    };
    return { ...scene, connect, names, expectNews };
  };

  it('whose connections are all used answers what is prepared, refuses the rest within its time, and goes on', async () => {
    const { ask, connect, expectNews } = await makeScene({});
    await ask(LIST);
    const blocker = await connect();
    await blocker.query('BEGIN; LOCK TABLE syncs IN ACCESS EXCLUSIVE MODE');
    const stuck = Array.from({ length: 30 }, () => ask('v2/request/image_sync'));
    await delay(500);
    // Nobody asks the database unless something was written meanwhile; then it is said that it could not be asked.
    const prepared = await ask(LIST);
    expect([prepared.status, prepared.names]).toEqual([200, IMAGES]);
    expect(['fresh', 'stale']).toContain(prepared.state);
    const refused = await Promise.all(stuck);
    expect([...new Set(refused.map(({ status, headers }) => `${status} ${headers.has('retry-after')}`))]).toEqual([
      '503 true',
    ]);
    expect(Math.max(...refused.map(({ tookMs }) => tookMs))).toBeLessThan(REFUSED_WITHIN_MS);
    await blocker.query('ROLLBACK');
    await expect.poll(async () => (await ask('v2/request/image_sync')).status, { timeout: BACK_WITHIN_MS }).toBe(200);
    await expectNews('after-the-pool.ova');
  });

  it('whose server has no connection left goes on with those that it has, and with others once there are some', async () => {
    const { ask, connect, database, names, expectNews } = await makeScene({});
    const superuser = await connect();
    const taken: Client[] = [];
    for (;;) {
      const client = new Client({ connectionString: database });
      client.on('error', () => undefined);
      try {
        await client.connect();
      } catch {
        break;
      }
      taken.push(client);
    }
    expect(taken.length).toBeGreaterThan(5);
    await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ovadex' AND datname = current_database()`,
    );
    for (let n = 0; n < 40; n++) {
      const { status, names: told } = await ask(LIST);
      expect([200, 503]).toContain(status);
      if (status === 200) expect(told).toEqual(IMAGES);
      await delay(50);
    }
    await Promise.all(taken.map((client) => client.end()));
    await expect.poll(names, { timeout: BACK_WITHIN_MS }).toEqual(IMAGES);
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
    await expectNews('after-the-crowd.ova');
  });

  it('whose server is started again in the middle of a sync tells nobody of an error, and finishes it', async () => {
    const { put, ask, names, host } = await makeScene({});
    for (let turn = 0; turn < 5; turn++) {
      put(`turn-${turn}.ova`);
      const asked = ask('v2/user/image/vm', {}, 'PATCH');
      await delay(20 * turn);
      await server.restart();
      await asked;
    }
    await expect
      .poll(async () => (await ask('v2/user/image/vm', {}, 'PATCH')).status, { timeout: BACK_WITHIN_MS })
      .toBe(202);
    const isThere = async () => (await names()).includes('turn-4.ova');
    const isSeen = await vi.waitUntil(isThere, { timeout: RESUMED_WITHIN_MS, interval: 100 }).catch(() => false);
    expect(isSeen, host.log().slice(-4_000)).toBe(true);
    const syncs = await ask('v2/request/image_sync');
    const { data } = JSON.parse(syncs.text) as { data: readonly { status: string }[] };
    expect(data.filter(({ status }) => status === 'ERROR')).toEqual([]);
  });

  it('into which a dump was restored ends, so that nothing of before is told on', async () => {
    const { ask, host, database } = await makeScene({});
    const before = (await ask(LIST)).headers.get('etag') ?? '';
    const dump = execFileSync(programOf('pg_dump'), ['--clean', '--if-exists', `--dbname=${database}`], {
      maxBuffer: 1 << 26,
    });
    execFileSync(
      programOf('psql'),
      ['--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1', `--dbname=${database}`],
      {
        input: dump,
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    );
    await host.ended(NOTICED_WITHIN_MS);
    expect(host.log()).toContain('its server has another history');
    await host.start();
    const after = (await ask(LIST)).headers.get('etag') ?? '';
    expect(after.slice(0, 15)).not.toBe(before.slice(0, 15));
    expect((await ask(LIST)).names).toEqual(IMAGES);
  });

  it('whose server may lose what it has committed says so, at the start and to whoever asks the doctor', async () => {
    const { host, connect } = await makeScene({});
    const superuser = await connect();
    await superuser.query('ALTER ROLE ovadex SET synchronous_commit = off');
    onTestFinished(async () => void (await server.query('ALTER ROLE ovadex RESET synchronous_commit')));
    await host.stop();
    await host.start();
    const { stdout } = await host.ovadex.run('doctor');
    for (const setting of ['synchronous_commit', 'fsync', 'full_page_writes']) {
      expect(host.log()).toContain(`${setting} is off`);
      expect(stdout).toContain(`switch ${setting} on`);
    }
  });
});

function programOf(name: string): string {
  const found = findProgram(name);
  if (found === null) throw new Error(`this machine lacks ${name}`);
  return found;
}

import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';

/** Nothing is said by a server that stands still; what says nothing for so long isn't about to. */
const SILENCE_MS = 300;

describeInstalled('the PostgreSQL of the tests', [postgresMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({ hasPassword: true });
    cleanup.add(server.stop);
  });
  afterAll(cleanup.run);

  it('makes databases out of others, orders texts as a language does, and wants its password', async () => {
    const template = await server.createDatabase();
    await inDatabase(template, "CREATE TABLE t (x text); INSERT INTO t VALUES ('a'), ('B'), ('c')");
    const copy = await server.createDatabase(template);
    expect(await inDatabase(copy, 'SELECT x FROM t ORDER BY x')).toEqual([{ x: 'a' }, { x: 'B' }, { x: 'c' }]);
    await inDatabase(copy, 'DELETE FROM t');
    expect(await inDatabase(template, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 3 }]);
    const without = Object.assign(new URL(copy), { password: 'another' }).href;
    await expect(inDatabase(without, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is killed with all of its processes, and has every commit when it is started again', async () => {
    const url = await server.createDatabase();
    const client = await connect(url);
    const broken = new Promise((resolve) => client.on('error', resolve));
    await client.query('CREATE TABLE t (x int); INSERT INTO t VALUES (1)');
    await server.kill();
    await broken;
    await expect(connect(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.restart();
    expect(await inDatabase(url, 'SELECT x FROM t')).toEqual([{ x: 1 }]);
    await server.restart();
    expect(await inDatabase(url, 'SELECT x FROM t')).toEqual([{ x: 1 }]);
  });

  it('answers nobody while it stands still, and everybody afterwards', async () => {
    const client = await connect(server.url);
    server.pause();
    let isAnswered = false;
    const answer = client.query('SELECT 1 AS x').then(({ rows }) => {
      isAnswered = true;
      return rows;
    });
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    expect(isAnswered).toBe(false);
    server.resume();
    expect(await answer).toEqual([{ x: 1 }]);
    await client.end();
  });

  it('is replaced by its replica, which lacks what was committed after it was cut off', async () => {
    const replica = await server.startReplica();
    cleanup.add(replica.stop);
    await server.query('CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)');
    await replica.catchUp();
    expect(await replica.query('SELECT x FROM kept')).toEqual([{ x: 1 }]);
    await expect(replica.query('INSERT INTO kept VALUES (2)')).rejects.toMatchObject({ code: '25006' });
    await replica.detach();
    await server.query('INSERT INTO kept VALUES (2)');
    await server.kill();
    await replica.promote();
    await replica.query('INSERT INTO kept VALUES (3)');
    expect(await replica.query('SELECT x FROM kept ORDER BY x')).toEqual([{ x: 1 }, { x: 3 }]);
    // The last checkpoint may still be one of the timeline before.
    const timeline = 'SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) AS number';
    expect(await replica.query(timeline)).toEqual([{ number: '00000002' }]);
  });
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

async function inDatabase(url: string, sql: string): Promise<readonly object[]> {
  const client = await connect(url);
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FollowedChanges, followChanges } from '../../../src/postgres/connection/changes.js';
import { createDatabase, type Database } from '../../../src/postgres/connection/database.js';
import { askTime, openDatabaseClock } from '../../../src/postgres/connection/database-clock.js';
import { createLines } from '../../../src/postgres/connection/line.js';
import { createPool } from '../../../src/postgres/connection/pool.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { sleepInRealTime } from '../../../src/webdav/transport/sleep.js';
import { MIGRATIONS } from '../../postgres/index-ports.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { startTcpProxy, type TcpProxy } from '../../support/servers/tcp-proxy.js';

/** What is promised of a commit, and what is usual on a machine that does much else: else it is a quarter of that. */
const LAG_MS = 250;
const USUAL_LAG_MS = 40;
const COMMITS = 200;
/** A line is opened again within a second once that is possible. */
const STEADY_WITHIN_MS = 5_000;

describeInstalled('freshness over a genuine PostgreSQL', [postgresMissing], () => {
  const cleanup = createCleanup();
  const never = new AbortController().signal;
  const monotonic = () => performance.now();
  let server: PostgresServer;
  let proxy: TcpProxy;
  let throughProxy: string;
  let db: Database;
  let changes: FollowedChanges;

  beforeAll(async () => {
    server = await startPostgres();
    cleanup.add(server.stop);
    const url = await server.createDatabase();
    db = createDatabase(createPool({ connectionString: url, max: 3 }));
    cleanup.add(() => db.close());
    await migrate(db, MIGRATIONS);
    await db.run("INSERT INTO spaces (user_name, url, added_at) VALUES ('jm', 'http://dav.test/jm/', 0)");
    proxy = await startTcpProxy(server.port);
    cleanup.add(() => proxy.stop());
    throughProxy = Object.assign(new URL(url), { port: `${proxy.port}` }).href;
    const openLine = createLines({ connectionString: throughProxy });
    changes = followChanges({ openLine, monotonic, wall: Date.now, sleep: sleepInRealTime });
    cleanup.add(() => changes.close());
  });
  afterAll(cleanup.run);
  beforeEach(() => untilSteady());
  // One test that fails in the middle is no reason for the others to.
  afterEach(() => {
    proxy.mend();
    server.resume();
  });

  const isSteady = () => {
    const before = changes.current();
    return changes.current() === before;
  };
  const untilSteady = async () => {
    const deadline = monotonic() + STEADY_WITHIN_MS;
    while (!isSteady()) {
      if (monotonic() > deadline) throw new Error('there is no good line again');
      await sleepInRealTime(5, never);
    }
  };
  const write = () => db.run('UPDATE spaces SET revision = revision + 1');
  /** How long a commit that has just been answered is hidden from whoever knows this stamp. */
  const hiddenMs = async (before: number): Promise<number> => {
    const committed = monotonic();
    while (changes.current() === before) await nextTurn();
    return monotonic() - committed;
  };

  it('shows each commit within 250 ms, and usually much sooner', async () => {
    const lags: number[] = [];
    for (let n = 0; n < COMMITS; n++) {
      await untilSteady();
      const before = changes.current();
      await write();
      lags.push(await hiddenMs(before));
    }
    lags.sort((a, b) => a - b);
    expect(lags.at(-1)).toBeLessThanOrEqual(LAG_MS);
    expect(lags[COMMITS / 2]).toBeLessThanOrEqual(USUAL_LAG_MS);
  });

  it('tells of nothing while leases are renewed', async () => {
    const before = changes.current();
    for (let n = 0; n < 20; n++) {
      await db.run("UPDATE spaces SET lease_owner = 'w', lease_sync = 1, lease_until = $1", [n]);
    }
    await sleepInRealTime(LAG_MS, never);
    expect(changes.current()).toBe(before);
  });

  it('shows a commit that has ended after later ones, however long it took', async () => {
    const before = await db.write(async (session) => {
      await session.run('UPDATE spaces SET revision = revision + 1');
      for (let n = 0; n < 3; n++)
        await db.run("INSERT INTO links VALUES ($1, '', '', '', '', 'browser', 0)", [`u${n}`]);
      await sleepInRealTime(2 * LAG_MS, never);
      return changes.current();
    });
    expect(await hiddenMs(before)).toBeLessThanOrEqual(LAG_MS);
  });

  it('takes away what it has told, but never what it still has to tell', async () => {
    await db.run('UPDATE written SET at = at - 3600000');
    const transactions = 3_000;
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        for (let n = 0; n < transactions / 3; n++) await write();
      }),
    );
    await db.run('UPDATE written SET at = at - 3600000');
    for (let n = 0; n < transactions / 2; n++) await write();
    const [left] = await db.rows<{ count: number }>('SELECT count(*) AS count FROM written');
    expect(left?.count).toBeLessThan(transactions);
    await sleepInRealTime(LAG_MS, never);
    await untilSteady();
    const before = changes.current();
    await sleepInRealTime(LAG_MS, never);
    expect(changes.current(), 'something is left that was told').toBe(before);
    await db.run('TRUNCATE written');
    await sleepInRealTime(LAG_MS, never);
    expect(changes.current(), 'nothing is left').not.toBe(before);
    await write();
    await untilSteady();
  });

  it('hides no commit while nothing arrives over its line any more', async () => {
    for (let after = 0; after < 100; after += 25) {
      await untilSteady();
      await sleepInRealTime(after, never);
      const before = changes.current();
      proxy.cut();
      await write();
      expect(await hiddenMs(before)).toBeLessThanOrEqual(LAG_MS);
      expect(isSteady()).toBe(false);
      proxy.mend();
      await untilSteady();
      expect(changes.current()).not.toBe(before);
    }
  });

  it('hides no commit when its backend is ended', async () => {
    const before = changes.current();
    const ended = await db.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM written_since%'`,
    );
    expect(ended.length).toBeGreaterThan(0);
    await write();
    expect(await hiddenMs(before)).toBeLessThanOrEqual(LAG_MS);
    await untilSteady();
    expect(changes.current()).not.toBe(before);
  });

  it('gives nothing prepared while the server stands still, and goes on with the same line', async () => {
    const linesBefore = proxy.opened();
    server.pause();
    await sleepInRealTime(LAG_MS, never);
    expect(isSteady()).toBe(false);
    await sleepInRealTime(1_000 - LAG_MS, never);
    server.resume();
    await untilSteady();
    expect(proxy.opened()).toBe(linesBefore);
    const before = changes.current();
    await write();
    expect(await hiddenMs(before)).toBeLessThanOrEqual(LAG_MS);
  });

  it('goes on after the server was started again', async () => {
    const before = changes.current();
    const restarting = server.restart();
    await sleepInRealTime(LAG_MS, never);
    expect(changes.current()).not.toBe(before);
    await restarting;
    await untilSteady();
    const after = changes.current();
    await write();
    expect(await hiddenMs(after)).toBeLessThanOrEqual(LAG_MS);
  });

  it('waits for an answer as long as the server works at it, and not for one that was lost', async () => {
    const lookEveryMs = 200;
    const far = createDatabase(createPool({ connectionString: throughProxy, max: 2 }, undefined, lookEveryMs));
    expect(await far.row('SELECT 1 AS x FROM pg_sleep(2)')).toEqual({ x: 1 });
    const lost = expect(far.row('SELECT 1 AS x FROM pg_sleep(1)')).rejects.toMatchObject({ code: 'index' });
    await sleepInRealTime(lookEveryMs, never);
    proxy.cut();
    proxy.mend();
    await lost;
    expect(await far.row('SELECT 1 AS x')).toEqual({ x: 1 });
    await far.close();
  });

  it('loses one answer to a way that forwards nothing any more, however many connections have it', async () => {
    const far = createDatabase(createPool({ connectionString: throughProxy, max: 3 }, undefined, 200));
    await Promise.all(Array.from({ length: 3 }, () => far.row('SELECT 1 AS x FROM pg_sleep(0.2)')));
    proxy.cut();
    proxy.mend();
    await expect(far.row('SELECT 1 AS x')).rejects.toMatchObject({ code: 'index' });
    for (const x of [1, 2]) expect(await far.row('SELECT $1::int AS x', [x])).toEqual({ x });
    await far.close();
  });

  it('has the time of the server, whatever the host believes', async () => {
    const wall = () => Date.now() + 3_600_000;
    const clock = await openDatabaseClock({ ask: () => askTime(db), monotonic, wall, sleep: sleepInRealTime });
    const [earliest, now, latest] = [await askTime(db), clock.now(), await askTime(db)];
    await clock.close();
    // Half a round trip, and whole milliseconds.
    const leeway = latest - earliest + 2;
    expect(now).toBeGreaterThanOrEqual(earliest - leeway);
    expect(now).toBeLessThanOrEqual(latest + leeway);
  });
});

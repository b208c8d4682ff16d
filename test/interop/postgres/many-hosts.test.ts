import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import type { Host } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { judge } from './hammer/judge.js';
import type { Reader } from './hammer/reader.js';
import { type Many, queryOf, startMany, whileAsked } from './hammer/scene.js';
import { DATED_COMMITS, readTruth, type Truth } from './hammer/truth.js';

/** How far behind a commit an answer may be. */
const LAG_MS = 250;
const HAMMERED_FOR_MS = 10_000;
/** A lease that nobody gives back ends within half a minute, and what it was for is done then. */
const RECOVERED_WITHIN_MS = 45_000;
/** A client that goes on with another host has an answer by then, on a busy machine. */
const NEXT_ANSWER_WITHIN_MS = 2_000;
const NOTICED_WITHIN_MS = 20_000;

describeInstalled('many hosts over one database', [postgresMissing, apacheMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;
  let many: Many;
  /** Where its database is now. */
  let database: string;

  beforeAll(async () => {
    server = await startPostgres({ settings: DATED_COMMITS });
    cleanup.add(server.stop);
    many = await startMany(cleanup, server);
    database = many.database;
  });
  afterAll(cleanup.run);
  beforeEach(async () => {
    await many.startAll();
    await untilRight();
  });

  /** Until each host shows what each space has. */
  const untilRight = async () => {
    const show = async (host: Host, user: string) => {
      const shown = await many.shown(host, user);
      // A sync of a host that was killed just now, which has passed what has changed, answers requests until its lease ends.
      if (shown?.join() !== many.files(user).join()) await many.requestSync(user, 'full');
      return shown;
    };
    for (const host of many.fronts) {
      for (const user of many.users) {
        await expect
          .poll(() => show(host, user), { timeout: RECOVERED_WITHIN_MS, interval: 250 })
          .toEqual(many.files(user));
      }
    }
  };
  const expectTruth = async (readers: readonly Reader[]) => {
    const truth = await readTruth(queryOf(database));
    const judged = judge(readers, () => truth);
    expect(judged.untrue).toEqual([]);
    expect(judged.backward).toEqual([]);
    expect(judged.lags.at(-1) ?? 0).toBeLessThanOrEqual(LAG_MS);
    return judged;
  };
  const statusesOf = (readers: readonly Reader[]) =>
    [...new Set(readers.flatMap(({ told }) => told.map(({ status }) => status)))].sort();
  /** While something is done to the database nobody is told anything wrong; afterwards all goes on. */
  const expectSteadiness = async (trouble: () => Promise<unknown>) => {
    const readers = await whileAsked(many, async () => {
      await delay(1_500);
      await trouble();
      await delay(2_500);
    });
    const { answers } = await expectTruth(readers);
    expect(answers).toBeGreaterThan(0);
    const refused = readers.flatMap(({ told }) => told.filter(({ status }) => status !== 200 && status !== 304));
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null)).toEqual([]);
    expect(readers.flatMap(({ broken }) => broken)).toEqual([]);
    await untilRight();
  };

  it('give answers of one revision each, that never go back and are at most 250 ms behind a commit', async () => {
    const readers = await whileAsked(many, () => delay(HAMMERED_FOR_MS));
    const { answers, versions, waited } = await expectTruth(readers);
    expect(statusesOf(readers)).toEqual([200, 304]);
    expect(answers).toBeGreaterThan(200);
    expect(versions).toBeGreaterThan(many.users.length * 3);
    expect(waited[Math.floor(waited.length / 2)]).toBeLessThanOrEqual(LAG_MS);
    await untilRight();
  });

  it('hide the end of one from a client that goes on with another', async () => {
    const [host] = many.fronts;
    const readers = await whileAsked(many, async () => {
      await delay(1_500);
      await host?.kill();
      await delay(2_500);
      await host?.start();
      await delay(1_000);
    });
    await expectTruth(readers);
    expect(statusesOf(readers)).toEqual([200, 304]);
    // Whoever waits knows a single host.
    const movable = readers.filter(({ told: [first] }) => first?.waits === false);
    for (const { broken, told } of movable) {
      expect(broken.length).toBeGreaterThan(0);
      for (const at of broken) {
        const next = told.find(({ sentAt }) => sentAt >= at);
        expect(next?.answeredAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(at + NEXT_ANSWER_WITHIN_MS);
      }
    }
  });

  it('tell nothing wrong when the server ends all of their connections', async () => {
    await expectSteadiness(() =>
      server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        new URL(database).pathname.slice(1),
      ]),
    );
  });

  it('tell nothing wrong while the server is started again', async () => {
    await expectSteadiness(() => server.restart());
  });

  it('tell nothing wrong while the server stands still', async () => {
    await expectSteadiness(async () => {
      server.pause();
      await delay(2_000);
      server.resume();
    });
  });

  it('tell nothing wrong while nothing arrives from the server, and find it again by themselves', async () => {
    await expectSteadiness(async () => {
      many.proxy.cut();
      await delay(3_000);
      many.proxy.mend();
    });
  });

  it('show nobody an old list as the same, nor go on from it, after a fail-over that lost the last commits', async () => {
    const replica = await server.startReplica();
    cleanup.add(replica.stop);
    await replica.catchUp();
    await replica.detach();
    const replaced = Object.assign(new URL(database), { port: `${replica.port}` }).href;
    let before: Truth = new Map();
    const readers = await whileAsked(many, async () => {
      await delay(3_000);
      many.proxy.cut();
      await delay(LAG_MS);
      before = await readTruth(queryOf(database));
      await server.kill();
      database = replaced;
      many.proxy.mend();
      many.proxy.leadTo(replica.port);
      // Meanwhile it could be read, and lacks what clients have been told.
      await delay(500);
      await replica.promote();
      await Promise.all(many.all.map((host) => host.ended(NOTICED_WITHIN_MS)));
      for (const host of many.all) expect(host.log()).toContain('its server has another history');
      await many.startAll();
      await delay(5_000);
    });
    await untilRight();

    const after = await readTruth(queryOf(database));
    const reused = many.users.flatMap((user) =>
      (before.get(user) ?? []).filter(({ revision, paths }) => {
        const same = after.get(user)?.find((each) => each.revision === revision);
        return same !== undefined && same.paths.join() !== paths.join();
      }),
    );
    expect(reused.length).toBeGreaterThan(0);
    const tellers = readers.map(({ told }) => told.filter(({ paths }) => paths !== null));
    const [first] = tellers[0] ?? [];
    const { untrue, backward } = judge(readers, (run) => (run === first?.run ? before : after));
    expect(untrue).toEqual([]);
    expect(backward).toEqual([]);
    for (const told of tellers) {
      const runs = told.map(({ run }) => run).filter((run, at, all) => run !== all[at - 1]);
      expect(runs).toEqual([first?.run, expect.stringMatching(/^[\da-f]{12}$/)]);
    }
    expect(statusesOf(readers)).toEqual(expect.arrayContaining([200, 410]));
    expect(statusesOf(readers).filter((status) => ![200, 304, 410, 503].includes(status))).toEqual([]);
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { judge } from './hammer/judge.js';
import type { Reader } from './hammer/reader.js';
import { type Many, queryOf, startMany } from './hammer/scene.js';
import { DATED_COMMITS, readTruth } from './hammer/truth.js';

/** How far behind a commit an answer may be. */
const LAG_MS = 250;
const HAMMERED_FOR_MS = 10_000;
/** In which everything goes on by itself, on a busy machine. */
const RECOVERED_WITHIN_MS = 30_000;

describeInstalled('many hosts over one database', [postgresMissing, apacheMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;
  let many: Many;

  beforeAll(async () => {
    server = await startPostgres({ settings: DATED_COMMITS });
    cleanup.add(server.stop);
    many = await startMany(cleanup, server);
  });
  afterAll(cleanup.run);
  beforeEach(async () => {
    await many.startAll();
    await untilRight();
  });

  /** Until each host shows what each space has. */
  const untilRight = async () => {
    await expect.poll(() => many.requestSync(null, 'full'), { timeout: RECOVERED_WITHIN_MS }).toBe(true);
    for (const host of many.fronts) {
      for (const user of many.users) {
        await expect
          .poll(() => many.shown(host, user), { timeout: RECOVERED_WITHIN_MS, interval: 100 })
          .toEqual(many.files(user));
      }
    }
  };
  /** Has clients ask all hosts while files change and `work` is done, and returns the clients. */
  const hammer = async (work: () => Promise<unknown>): Promise<readonly Reader[]> => {
    const readers = many.makeReaders();
    const running = Promise.all(readers.map((reader) => reader.run()));
    const stopChanging = many.keepChanging();
    try {
      await work();
    } finally {
      await stopChanging();
      for (const reader of readers) reader.stop();
      await running;
    }
    return readers;
  };
  const judged = async (readers: readonly Reader[]) => {
    const truth = await readTruth(queryOf(many.database));
    return judge(readers, () => truth);
  };
  const statusesOf = (readers: readonly Reader[]) => [
    ...new Set(readers.flatMap(({ told }) => told.map(({ status }) => status))),
  ];

  it('give answers of one revision each, that never go back and are at most 250 ms behind a commit', async () => {
    const readers = await hammer(() => delay(HAMMERED_FOR_MS));
    const { answers, untrue, backward, lags } = await judged(readers);
    const typical = lags[Math.floor(lags.length / 2)];
    console.log({ answers, stale: lags.length, typical, worst: lags.at(-1) });
    expect(untrue).toEqual([]);
    expect(backward).toEqual([]);
    expect(statusesOf(readers).sort()).toEqual([200, 304]);
    expect(answers).toBeGreaterThan(200);
    expect(lags.at(-1) ?? 0).toBeLessThanOrEqual(LAG_MS);
    await untilRight();
  });
});

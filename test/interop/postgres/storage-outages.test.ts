import { setTimeout as delay } from 'node:timers/promises';
import { it, type TestContext } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { type Host, installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { queryOf } from './hammer/scene.js';
import { useServer } from './use-server.js';

/** Spaces that only the first crawler has, and those that both have. */
const ITS_OWN = ['ada', 'bob', 'cem', 'dora', 'eva', 'finn'];
const COMMON = ['gus', 'hal', 'ida', 'jm', 'kim', 'lab', 'mia', 'ned'];
/** As long as a crawler waits for the first byte. */
const PATIENCE_MS = 2_000;
const KNOWN_WITHIN_MS = 1_000;
const LAPSE_MS = 15_000;
/** For a busy machine. */
const SLACK_MS = 4_000;
const SYNCED_WITHIN_MS = 30_000;
const LONGEST_PAUSE_MS = 60_000;

type Name = 'a' | 'b';

interface Asked {
  readonly at: number;
  readonly by: string;
  readonly method: string;
}

describeInstalled('an outage of a storage that two crawlers ask', [postgresMissing], () => {
  const { server } = useServer();

  /** Both crawlers, after they have synced everything. The first one leads. */
  const makeScene = async ({ expect, onTestFinished }: TestContext) => {
    const afterTest = createCleanup();
    onTestFinished(afterTest.run);
    const asked: Asked[] = [];
    const silentFor = new Set<string>();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const storage = await startDavServer({
      async onRequest({ headers, method }) {
        const by = String(headers['x-crawler']);
        asked.push({ at: Date.now(), by, method });
        if (silentFor.has(by)) await ended;
      },
    });
    afterTest.add(storage.close);
    afterTest.add(() => end());
    for (const user of [...ITS_OWN, ...COMMON]) storage.tree.put(`${user}/x.ova`, { size: 10_000 });
    const database = await server().createDatabase();
    const query = queryOf(database);
    const install = (name: Name, users: readonly string[]) =>
      installHost(afterTest, {
        database,
        roles: ['crawler'],
        settings: {
          storage: { headers: { 'X-Crawler': name } },
          spaces: users.map((user) => ({ user, url: `${storage.url}${user}/` })),
          crawl: { spacesAtOnce: 8, timeouts: { firstByte: `${PATIENCE_MS / 1_000}s` } },
          describe: { enabled: false },
        },
      });
    const a = await install('a', [...ITS_OWN, ...COMMON]);
    const b = await install('b', COMMON);
    await a.start();
    const unfinished = async () => {
      const rows = await query(`SELECT count(*)::int AS n FROM syncs WHERE ended_at IS NULL`);
      return Number(rows[0]?.['n']);
    };
    const done = async () => {
      const rows = await query('SELECT count(*)::int AS n FROM spaces WHERE last_sync_at IS NOT NULL');
      return Number(rows[0]?.['n']);
    };
    await expect.poll(done, { timeout: SYNCED_WITHIN_MS }).toBe(ITS_OWN.length + COMMON.length);
    await b.start();
    await expect.poll(unfinished, { timeout: SYNCED_WITHIN_MS }).toBe(0);
    const sent = (by: Name, from = 0) => asked.filter((each) => each.by === by && each.at >= from);
    const requestSyncs = (users: readonly string[]) =>
      query(
        `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at)
         SELECT gen_random_uuid()::text, id, 'full', 'request', '[]', 'PENDING', 1, 1 FROM spaces
         WHERE user_name = ANY($1)`,
        [users],
      );
    const troubles = async (users: readonly string[]) =>
      (await query(
        `SELECT DISTINCT errors::text AS errors FROM syncs JOIN spaces ON space = spaces.id
         WHERE user_name = ANY($1) AND syncs.id IN (SELECT max(id) FROM syncs GROUP BY space)`,
        [users],
      )) as readonly { readonly errors: string }[];
    const isTold = async () => (await query('SELECT FROM storage_outages')).length > 0;
    const isOver = (host: Host) => host.log().includes('answers again after');
    const begun = (host: Host) => /no answer since|in maintenance mode since/.test(host.log());
    return { a, b, storage, silentFor, query, sent, requestSyncs, troubles, unfinished, isTold, isOver, begun };
  };

  it.concurrent('is known to the second within a second by the storage’s own word, and costs it no request', async (context) => {
    const { expect } = context;
    const { a, b, storage, sent, requestSyncs, troubles, unfinished, isTold, isOver, begun } = await makeScene(context);
    storage.setMaintenance(true);
    const from = Date.now();
    await requestSyncs(ITS_OWN);
    await expect.poll(isTold, { timeout: 5_000, interval: 10 }).toBe(true);
    const toldAt = Date.now();
    await expect.poll(() => begun(b), { timeout: SLACK_MS, interval: 10 }).toBe(true);
    expect(Date.now() - toldAt).toBeLessThan(KNOWN_WITHIN_MS + SLACK_MS / 4);
    await requestSyncs(COMMON);
    await expect.poll(unfinished, { timeout: 10_000, interval: 50 }).toBe(0);
    expect(sent('b', from)).toEqual([]);
    // Whichever has run them, the spaces tell the same.
    expect(await troubles(COMMON)).toHaveLength(1);

    storage.setMaintenance(false);
    await expect.poll(() => isOver(a) || isOver(b), { timeout: LONGEST_PAUSE_MS + SLACK_MS, interval: 10 }).toBe(true);
    const overAt = Date.now();
    await expect.poll(() => isOver(a) && isOver(b), { timeout: SLACK_MS, interval: 10 }).toBe(true);
    expect(Date.now() - overAt).toBeLessThan(KNOWN_WITHIN_MS + SLACK_MS / 4);
    await expect.poll(unfinished, { timeout: 10_000, interval: 50 }).toBe(0);
  });

  it.concurrent('costs the second one request if the storage is silent', async (context) => {
    const { expect } = context;
    const { a, b, silentFor, sent, requestSyncs, unfinished, isTold, isOver, begun } = await makeScene(context);
    silentFor.add('a').add('b');
    const from = Date.now();
    await requestSyncs(ITS_OWN);
    await expect.poll(isTold, { timeout: 8 * PATIENCE_MS, interval: 10 }).toBe(true);
    const toldAt = Date.now();
    await expect.poll(() => sent('b', from).length, { timeout: SLACK_MS, interval: 10 }).toBe(1);
    expect(Date.now() - toldAt).toBeLessThan(KNOWN_WITHIN_MS + SLACK_MS / 4);
    await requestSyncs(COMMON);
    await expect.poll(() => begun(b), { timeout: PATIENCE_MS + SLACK_MS, interval: 10 }).toBe(true);
    await expect.poll(unfinished, { timeout: 10_000, interval: 50 }).toBe(0);
    expect(sent('b', from).length).toBeLessThanOrEqual(2);

    silentFor.clear();
    await expect.poll(() => isOver(a) && isOver(b), { timeout: LONGEST_PAUSE_MS, interval: 50 }).toBe(true);
  });

  it.concurrent('that is only between the first and the storage doesn’t stop the second', async (context) => {
    const { expect } = context;
    const { a, b, storage, silentFor, query, sent, requestSyncs, unfinished, isTold, begun } = await makeScene(context);
    silentFor.add('a');
    await requestSyncs(ITS_OWN);
    await expect.poll(isTold, { timeout: 8 * PATIENCE_MS, interval: 10 }).toBe(true);
    await expect.poll(() => a.log().includes('other crawlers are answered'), { timeout: SLACK_MS }).toBe(true);
    const { stdout } = await b.ovadex.run('doctor', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({
          subject: new URL(storage.url).origin,
          message: expect.stringMatching(/^answers other crawlers, but not 1 crawler, since /),
        }),
      ]),
    });
    const from = Date.now();
    await requestSyncs(COMMON);
    await expect.poll(unfinished, { timeout: SYNCED_WITHIN_MS, interval: 50 }).toBe(0);
    expect(sent('b', from).length).toBeGreaterThanOrEqual(COMMON.length);
    const ended = await query(
      `SELECT user_name AS "user" FROM syncs JOIN spaces ON space = spaces.id
       WHERE status = 'PROCESSED' AND syncs.created_at = 1 ORDER BY 1`,
    );
    expect(ended.map(({ user }) => user)).toEqual(COMMON);
    expect(begun(b)).toBe(false);
  });

  it.concurrent('is believed no longer than a lapse once the first was killed in it', async (context) => {
    const { expect } = context;
    const { a, b, storage, requestSyncs, isTold, isOver, begun } = await makeScene(context);
    storage.setMaintenance(true);
    await requestSyncs(ITS_OWN);
    await expect.poll(isTold, { timeout: 5_000, interval: 10 }).toBe(true);
    await expect.poll(() => begun(b), { timeout: SLACK_MS, interval: 10 }).toBe(true);
    await a.kill();
    storage.setMaintenance(false);
    const killedAt = Date.now();
    await delay(KNOWN_WITHIN_MS);
    expect(isOver(b)).toBe(false);
    await expect.poll(() => isOver(b), { timeout: LAPSE_MS + SLACK_MS, interval: 50 }).toBe(true);
    expect(Date.now() - killedAt).toBeLessThan(LAPSE_MS + SLACK_MS);
  });
});

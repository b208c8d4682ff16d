import { setTimeout as delay } from 'node:timers/promises';
import { it, type TestContext } from 'vitest';
import { LEAD_LEASE_MS } from '../../../src/crawl/schedule/lead.js';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { type Host, installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { startTcpProxy } from '../../support/servers/tcp-proxy.js';
import { queryOf } from './hammer/scene.js';
import { useServer } from './use-server.js';

/** In which the next host has stood for the lead and begun a round, and some time for a busy machine. */
const TAKEN_OVER_WITHIN_MS = LEAD_LEASE_MS + 15_000;
const ROUND_MS = 2_000;
/** In which several rounds begin. */
const ROUNDS_MS = 3 * ROUND_MS + 1_000;
const NAMES = ['first', 'second'] as const;

/** Nothing that a host would log; headers may be secrets. */
const headerOf = (name: string) => `asked-by-the-${name}-host`;
/** What the database itself notes: who has filed a sync by schedule, and who has made a space come or go. */
const WITNESS = `
  CREATE TABLE filed (who text DEFAULT session_user, at bigint DEFAULT extract(epoch FROM clock_timestamp()) * 1000, space bigint);
  CREATE TABLE turned (who text DEFAULT session_user, "user" text, is_configured boolean);
  GRANT ALL ON filed, turned TO public;
  CREATE FUNCTION note_filed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO filed (space) VALUES (NEW.space); RETURN NULL; END $$;
  CREATE FUNCTION note_turned() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO turned ("user", is_configured) VALUES (NEW.user_name, NEW.is_configured); RETURN NULL; END $$;
  CREATE TRIGGER filed AFTER INSERT ON syncs FOR EACH ROW WHEN (NEW.origin = 'schedule') EXECUTE FUNCTION note_filed();
  CREATE TRIGGER turned AFTER UPDATE OF is_configured ON spaces FOR EACH ROW
    WHEN (NEW.is_configured <> OLD.is_configured) EXECUTE FUNCTION note_turned()`;

describeInstalled('the host that leads', [postgresMissing], () => {
  const { server } = useServer(async (started) => {
    // Each writes under a name of its own, with the rights of the owner.
    for (const name of NAMES) {
      await started.query(`CREATE ROLE ${name} LOGIN IN ROLE ovadex`);
      await started.query(`ALTER ROLE ${name} SET role = 'ovadex'`);
    }
  });

  /**
   * A storage that notes which host has asked for the users below it, a database whose own triggers note who writes, and two
   * crawlers, of which the first reaches the database by a proxy and leads.
   */
  const makeScene = async (
    { onTestFinished }: TestContext,
    spacesOf: (url: string, name: string) => readonly object[],
  ) => {
    const afterTest = createCleanup();
    onTestFinished(afterTest.run);
    const looks: { readonly at: number; readonly by: unknown }[] = [];
    const storage = await startDavServer({
      onRequest: ({ method, path, depth, headers }) => {
        if (method === 'PROPFIND' && path === '' && depth === '1')
          looks.push({ at: Date.now(), by: headers['x-host'] });
      },
    });
    afterTest.add(storage.close);
    for (const user of ['ada', 'bob']) storage.tree.put(`${user}/machine.ova`, { size: 10_000 });
    const database = await server().createDatabase();
    const query = queryOf(database);
    const proxy = await startTcpProxy(server().port);
    afterTest.add(proxy.stop);
    const hostOf = (name: (typeof NAMES)[number], port: number) =>
      installHost(afterTest, {
        database: Object.assign(new URL(database), { username: name, port: String(port) }).href,
        roles: ['crawler'],
        settings: {
          storage: { headers: { 'x-host': headerOf(name) } },
          spaces: spacesOf(storage.url, name),
          crawl: { schedule: '*/2 * * * * *', poll: 'off' },
          describe: { enabled: false },
        },
      });
    const [first, second] = [await hostOf('first', proxy.port), await hostOf('second', server().port)];
    await first.start();
    await query(WITNESS);
    await second.start();
    const filers = async (since: number) => {
      const rows = await query('SELECT DISTINCT who FROM filed WHERE at > $1', [since]);
      return rows.map(({ who }) => who);
    };
    const lookers = (since: number) => [...new Set(looks.filter(({ at }) => at > since).map(({ by }) => by))];
    return { storage, query, proxy, first, second, looks, lookers, filers };
  };

  const ends: readonly [string, (host: Host, proxy: { cut(): void }) => void | Promise<void>, (host: Host) => void][] =
    [
      ['was killed', (host) => host.kill(), () => undefined],
      ['hangs', (host) => host.pause(), (host) => host.resume()],
      ['no longer reaches the database', (_host, proxy) => proxy.cut(), () => undefined],
    ];

  it.concurrent.for(ends)(
    'is replaced within a lease once it %s, and does no harm afterwards',
    async ([, end, wake], context) => {
      const { expect } = context;
      const scene = await makeScene(context, (url) => [{ discover: url }]);
      const { proxy, first, second, looks, lookers, filers, query } = scene;
      await expect.poll(() => filers(0), { timeout: 20_000 }).toEqual(['first']);
      await delay(ROUNDS_MS);
      expect(lookers(0)).toEqual([headerOf('first')]);
      expect(await filers(0)).toEqual(['first']);

      await end(first, proxy);
      const endedAt = Date.now();
      const next = () => looks.find(({ by }) => by === headerOf('second'));
      await expect.poll(next, { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toBeDefined();
      await expect.poll(() => filers(endedAt), { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 }).toContain('second');
      const takenAt = next()?.at ?? 0;
      expect(looks.filter(({ at, by }) => by === headerOf('first') && at > takenAt)).toEqual([]);

      wake(first);
      if (first.isRunning()) proxy.mend();
      const wokenAt = Date.now();
      await delay(ROUNDS_MS);
      expect(lookers(wokenAt)).toEqual([headerOf('second')]);
      expect(await filers(wokenAt)).toEqual(['second']);

      // And back again.
      await second.kill();
      if (!first.isRunning()) await first.start();
      await expect
        .poll(() => lookers(wokenAt), { timeout: TAKEN_OVER_WITHIN_MS, interval: 100 })
        .toContain(headerOf('first'));
      const rounds = await query(
        `SELECT space, at / ${ROUND_MS / 2} AS round FROM filed GROUP BY 1, 2 HAVING count(DISTINCT who) > 1`,
      );
      expect(rounds).toEqual([]);
    },
  );

  it.concurrent('alone says which spaces there are, where the configurations differ', async (context) => {
    const { expect } = context;
    const { query, first, second } = await makeScene(context, (url, name) => [
      { user: 'ada', url: `${url}ada/` },
      ...(name === 'first' ? [{ user: 'bob', url: `${url}bob/` }] : []),
    ]);
    const turned = () => query('SELECT who, "user", is_configured AS "isThere" FROM turned');
    const syncsOf = async (user: string) =>
      (
        await query(
          `SELECT count(*)::int AS n FROM syncs JOIN spaces ON spaces.id = syncs.space
           WHERE user_name = $1 AND status = 'PROCESSED'`,
          [user],
        )
      )[0]?.['n'];
    await expect.poll(() => syncsOf('bob'), { timeout: 30_000 }).toBeGreaterThan(1);
    await delay(ROUNDS_MS);
    await second.stop();
    await second.start();
    await second.ovadex.run('sync', '--all');
    expect(await turned()).toEqual([]);
    expect(await query(`SELECT FROM syncs WHERE status = 'ERROR'`)).toEqual([]);

    await first.stop();
    await expect
      .poll(turned, { timeout: TAKEN_OVER_WITHIN_MS })
      .toEqual([{ who: 'second', user: 'bob', isThere: false }]);
    await first.start();
    await delay(ROUNDS_MS);
    expect(await turned()).toHaveLength(1);
    await second.stop();
    await expect.poll(turned, { timeout: TAKEN_OVER_WITHIN_MS }).toHaveLength(2);
    expect((await turned())[1]).toEqual({ who: 'first', user: 'bob', isThere: true });
  });
});

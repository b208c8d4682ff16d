import { expect, it } from 'vitest';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { queryOf } from './hammer/scene.js';
import { useServer } from './use-server.js';

const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };
const USERS = ['ada', 'bob', 'eve', 'kim'];
const IMAGES_OF_EACH = 60;
/** Takes so long that both crawlers look for images meanwhile, each at its start. */
const BYTES_PER_SECOND = 1_048_576;

describeInstalled('what images are', [postgresMissing], () => {
  const { server, afterTest } = useServer();

  it('is read by one of two crawlers, each image once', async () => {
    const reads = new Map<string | null, number>();
    const storage = await startDavServer({
      onRequest: ({ method, path }) => {
        if (method === 'GET') reads.set(path, (reads.get(path) ?? 0) + 1);
      },
    });
    afterTest.add(storage.close);
    for (const user of USERS) {
      for (let n = 0; n < IMAGES_OF_EACH; n++) storage.tree.put(`${user}/${n}.ova`, { content: '<html>', ...LONG_AGO });
    }
    const database = await server().createDatabase();
    const query = queryOf(database);
    const settings = {
      spaces: USERS.map((user) => ({ user, url: `${storage.url}${user}/` })),
      describe: { bytesPerSecond: BYTES_PER_SECOND },
    };
    const [first, second] = [
      await installHost(afterTest, { database, roles: ['crawler'], settings }),
      await installHost(afterTest, { database, roles: ['crawler'], settings }),
    ];
    // What waits is there before either crawls.
    await first.ovadex.run('sync', '--all');
    await Promise.all([first.start(), second.start()]);
    const unread = async () =>
      (await query('SELECT count(*)::int AS n FROM images WHERE state IS NULL AND missing_since IS NULL'))[0]?.['n'];
    await expect.poll(unread, { timeout: 60_000, interval: 500 }).toBe(0);
    expect(reads.size).toBe(USERS.length * IMAGES_OF_EACH);
    expect([...reads].filter(([, times]) => times > 1)).toEqual([]);
  });
});

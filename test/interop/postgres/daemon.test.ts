import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex, type Settings } from '../../support/process/ovadex.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { connectApi } from '../scene/api.js';

const IMAGES = Array.from({ length: 12 }, (_, at) => `lab ${at % 3}/machine ${at}.ova`);
const LATER = 'lab 0/of later.ova';

/** A server with a database, and a space of an Apache. */
async function makeScene() {
  const directory = makeSharedDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const path of IMAGES) write(directory, path);
  const apache = await startApache({ directory });
  onTestFinished(() => apache.stop());
  const server = await startPostgres({ hasPassword: true, isDurable: true });
  onTestFinished(() => server.stop());
  const { username, password, port, pathname } = new URL(await server.createDatabase());
  /** A host of its own over that database. */
  const install = async (more: Partial<Settings> = {}): Promise<Ovadex> => {
    const ovadex = await installOvadex();
    onTestFinished(ovadex.remove);
    const passwordFile = ovadex.file('database.password', `${password}\n`);
    ovadex.configure({
      data: {
        directory: join(dirname(ovadex.configFile), 'data'),
        url: `postgres://${username}@127.0.0.1:${port}${pathname}`,
        passwordFile,
      },
      spaces: [{ user: 'jm', url: apache.url }],
      ...more,
    });
    return ovadex;
  };
  return { directory, server, install };
}

function write(directory: string, path: string): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  chmodSync(dirname(file), 0o777);
  writeFileSync(file, `an image at ${path}`);
}

const sorted = (paths: readonly string[]) => [...paths].sort();

describeInstalled('an index in PostgreSQL', [postgresMissing, apacheMissing], () => {
  it('is crawled and served as one in a file is, and a restart goes on with it', async () => {
    const { directory, install } = await makeScene();
    const ovadex = await install();
    const before = await ovadex.run('doctor', '--verbose');
    expect(before.stdout).toContain('not there yet');
    const daemon = await ovadex.serve();
    const { token } = await ovadex.createToken('jm');
    const api = connectApi(daemon.url, token);
    const listed = async () => sorted((await api.images()).data.map(({ path }) => path));
    await expect.poll(listed, { timeout: 30_000 }).toEqual(sorted(IMAGES));

    write(directory, LATER);
    expect(await ovadex.sync('jm')).toMatchObject({ code: 0, counts: { added: 1 } });
    await expect.poll(listed, { timeout: 5_000 }).toEqual(sorted([...IMAGES, LATER]));
    rmSync(join(directory, LATER));
    expect(await ovadex.sync('jm', '--full')).toMatchObject({ code: 0, counts: { removed: 1 } });
    await expect.poll(listed, { timeout: 5_000 }).toEqual(sorted(IMAGES));
    expect(sorted(await ovadex.images('jm'))).toEqual(sorted(IMAGES));
    const [first] = (await api.images()).data;
    await daemon.stop();

    const again = await ovadex.serve();
    onTestFinished(() => again.stop());
    const later = connectApi(again.url, token);
    expect((await later.images()).data[0]).toEqual(first);
    expect(await ovadex.run('doctor')).toMatchObject({ code: 0, stderr: '' });
    expect(await ovadex.run('status')).toMatchObject({ code: 0, stderr: '' });
    expect((await ovadex.run('db', 'migrate')).stdout).toMatch(/^schema \d+: nothing to do$/m);
    for (const words of [['backup', 'copy'], ['check'], ['restore', 'copy']]) {
      const { code, stderr } = await ovadex.run('db', ...words);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^ovadex: db \w+: postgres:.* keeps the index; pg_/)]);
    }
  });

  it('is crawled by one host and served by another', async () => {
    const { directory, install } = await makeScene();
    const crawler = await install({ roles: ['crawler'] });
    const front = await install({ roles: ['api'] });
    const crawling = await crawler.serve();
    onTestFinished(() => crawling.stop());
    const serving = await front.serve();
    onTestFinished(() => serving.stop());
    const { token } = await front.createToken('jm', ['--scope', 'admin']);
    const api = connectApi(serving.url, token);
    const listed = async () => sorted((await api.images()).data.map(({ path }) => path));
    await expect.poll(listed, { timeout: 30_000 }).toEqual(sorted(IMAGES));

    write(directory, LATER);
    const asked = await api.post('v2/admin/sync', { user: 'jm', mode: 'full' });
    expect([asked.status, asked.ok ? '' : await asked.text()]).toEqual([202, '']);
    await expect.poll(listed, { timeout: 30_000 }).toEqual(sorted([...IMAGES, LATER]));

    const statusAt = async (url: string, path: string) => (await fetch(`${url}${path}`)).status;
    expect(await statusAt(crawling.url, 'readyz')).toBe(200);
    expect(await statusAt(crawling.url, 'v2/image')).toBe(404);
    expect(await statusAt(crawling.url, 'metrics')).toBe(404);
    expect(await statusAt(serving.url, 'readyz')).toBe(200);
  });
});

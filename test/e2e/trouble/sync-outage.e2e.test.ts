import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';

const DEAD = 400;
/** Four tries each of the four spaces that are asked at once, and a probe now and then while the others are told, which takes longer on a busy machine. */
const CONNECTIONS_ALLOWED = 30;

let live: DavServer;
let dead: Server;
let connections: number;
let ovadex: Ovadex;

beforeEach(async () => {
  live = await startDavServer();
  connections = 0;
  dead = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  ovadex = await installOvadex();
});
afterEach(async () => {
  ovadex.remove();
  await new Promise((resolve) => dead.close(resolve));
  await live.close();
});

const originOfDead = () => `http://127.0.0.1:${(dead.address() as AddressInfo).port}`;
const deadSpaces = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ user: `dead${n}`, url: `${originOfDead()}/dead${n}/` }));
const liveSpaces = ['jm', 'lab'].map((user) => ({ user }));

it('a host that is out of order costs sync --all a few requests and one line, and the rest is synced', async () => {
  for (const user of ['jm', 'lab']) live.tree.put(`${user}/x.ova`, { size: 1 });
  ovadex.configure({
    storage: { url: `${live.url}{user}/` },
    spaces: [...deadSpaces(DEAD), ...liveSpaces],
  });
  const { code, stderr, stdout } = await ovadex.start('sync', '--all');
  expect(code).toBe(69);
  expect(connections).toBeGreaterThan(0);
  expect(connections).toBeLessThanOrEqual(CONNECTIONS_ALLOWED);
  const lines = stderr.split('\n').filter((line) => line.includes(originOfDead()));
  expect(lines).toEqual([
    expect.stringMatching(/: gives no answer, 400 spaces could not be synced; their lists stay as they were: .+/),
  ]);
  expect(stderr).toMatch(/^402 spaces: 2 complete, 400 failed; images: 2 added/m);
  expect(stderr).not.toContain('dead7');
  expect(stdout).not.toContain('dead7');
  expect(await ovadex.images('jm')).toEqual(['x.ova']);
  const { stdout: failing } = await ovadex.run('spaces', '--state', 'failing', '--json');
  expect((JSON.parse(failing) as { spaces: unknown[] }).spaces).toHaveLength(DEAD);
}, 60_000);

it('a host that is out of order has each of its spaces in the JSON document, and with --verbose', async () => {
  ovadex.configure({ spaces: deadSpaces(30) });
  const { code, stdout } = await ovadex.run('sync', '--all', '--json');
  expect(code).toBe(69);
  const { syncs } = JSON.parse(stdout) as { syncs: { result: string; errors: string[] }[] };
  expect(syncs).toHaveLength(30);
  for (const { result, errors } of syncs)
    expect({ result, errors }).toEqual({ result: 'failed', errors: [expect.any(String)] });
  const { stderr } = await ovadex.run('sync', '--all', '--verbose');
  expect(stderr.match(/^dead\d+: the sync failed/gm)).toHaveLength(30);
}, 60_000);

it('a host of which one space alone fails has the others synced', async () => {
  live.tree.put('jm/x.ova', { size: 1 });
  ovadex.configure({ storage: { url: `${live.url}{user}/` }, spaces: [...deadSpaces(1), ...liveSpaces.slice(0, 1)] });
  const { code, stderr } = await ovadex.run('sync', '--all');
  expect(code).toBe(69);
  expect(stderr).toMatch(/^dead0: the sync failed, the list stays as it was/m);
  expect(await ovadex.images('jm')).toEqual(['x.ova']);
}, 60_000);

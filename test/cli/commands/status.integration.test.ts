import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { healthcheck } from '../../../src/cli/commands/healthcheck.js';
import { status } from '../../../src/cli/commands/status.js';
import { askReadiness } from '../../../src/platform/ask-readiness.js';
import { configFolder } from '../../config/config-folder.js';
import { begin, end, type IndexUnderTest, RULES } from '../../contract/index-under-test.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { captureIo } from '../captured-io.js';

const NOW = Date.UTC(2026, 2, 2, 10);
const READY: RequestListener = (request, response) =>
  void response.writeHead(request.url === '/readyz' ? 200 : 404).end('{"status":"ready"}');
const NOT_READY: RequestListener = (_request, response) =>
  void response.writeHead(503).end('{"status":503,"detail":"not ready: index: it gives no answer"}');

async function listening(answer: RequestListener, path?: string): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  onTestFinished(() => void server.close().closeAllConnections());
  return path === undefined ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`;
}

async function configured(listen: string, more = '', data = 'directory: data') {
  const folder = await configFolder({
    'ovadex.yaml': `server: { listen: "${listen}" }\ndata: { ${data} }\nstorage: { url: "http://h/{user}/" }\nspaces: [{ user: jm }, { user: kim }]\n${more}`,
  });
  return { folder, file: join(folder, 'ovadex.yaml') };
}

describe('ovadex healthcheck', () => {
  const check = async (file: string) => {
    const io = captureIo();
    return { code: await healthcheck({ config: file }, io), told: io.out() + io.err() };
  };

  test('says that the daemon is ready', async () => {
    const listen = await listening(READY);
    const { file } = await configured(listen);
    expect(await check(file)).toEqual({ code: 0, told: `http://${listen}: ready\n` });
  });

  test('asks a socket, and whoever listens everywhere at home', async () => {
    const { folder, file } = await configured('unix:api.sock');
    await listening(READY, join(folder, 'api.sock'));
    expect((await check(file)).code).toBe(0);
    const { port } = new URL(`http://${await listening(READY)}`);
    expect((await check((await configured(`0.0.0.0:${port}`)).file)).told).toBe(`http://127.0.0.1:${port}: ready\n`);
  });

  test.each<[what: string, listen: () => Promise<string>, told: string]>([
    ['answers that it is not', () => listening(NOT_READY), 'not ready: index: it gives no answer'],
    [
      'is another program',
      () => listening((_request, response) => void response.writeHead(404).end('<html>')),
      'it answered 404',
    ],
    ['does not listen', async () => '127.0.0.1:1', 'nothing is listening there'],
    ['has no socket', async () => 'unix:none.sock', 'no such socket'],
    ['has a port that nobody knows', async () => '127.0.0.1:0', 'server.listen has port 0'],
  ])('ends with 1 where the daemon %s', async (_what, listen, told) => {
    const { file } = await configured(await listen());
    const answer = await check(file);
    expect(answer.code).toBe(1);
    expect(answer.told).toContain(told);
  });

  test('gives up on one that gives no answer', async () => {
    const listen = await listening(() => undefined);
    const [host = '', port] = listen.split(':');
    const answer = await askReadiness({ kind: 'tcp', host, port: Number(port) }, 50);
    expect(answer).toEqual({ isReady: false, isAnswered: false, detail: 'no answer within 0.05 s' });
  });

  test('judges nothing of the configuration but where the daemon listens', async () => {
    const { file } = await configured(await listening(READY), 'crawl: { spacesAtOnce: many }\n');
    expect((await check(file)).code).toBe(0);
    await expect(check((await configured('nowhere')).file)).rejects.toMatchObject({ code: 'config' });
  });
});

describe('ovadex status', () => {
  async function scene({ isReady = true, isTried = true, data = 'directory: data' } = {}) {
    const { file, folder } = await configured('127.0.0.1:8080', '', data);
    const open = () => openIndex({ data: { directory: join(folder, 'data') } }, { clock: () => NOW });
    if (isTried) {
      layEmptyIndex(join(folder, 'data'));
      const index = await open();
      const settings = ['jm', 'kim', 'gone'].map((user) => ({ user, url: `http://h/${user}/` }));
      await index.spaces.configure(settings, RULES, NOW);
      await index.spaces.configure(settings.slice(0, 2), RULES, NOW);
      const under = { ...index, index: index.images, clock: { now: NOW } } as unknown as IndexUnderTest;
      await end(under, (await begin(under, 'jm')).lease, {});
      await end(under, (await begin(under, 'kim')).lease, { status: 'ERROR', errors: ['no answer'] });
      await index.close();
    }
    const daemon = { isReady, isAnswered: isReady, detail: isReady ? 'ready' : 'nothing is listening there' };
    const readonlyOpen = () => openIndex({ data: { directory: join(folder, 'data') } }, { readonly: true });
    const deps = { open: readonlyOpen, ask: async () => daemon, clock: () => NOW };
    const call = async (options: object = {}) => {
      const io = captureIo();
      return { code: await status({ config: file, ...options }, io, deps), out: io.out() };
    };
    return { call };
  }

  test('tells all in ten lines, and by its exit code that a space is in trouble', async () => {
    const { call } = await scene();
    const { code, out } = await call();
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(code).toBe(75);
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual([
      'ovadex',
      'daemon',
      'spaces',
      'storage',
      'images',
      'syncs',
      'whole',
      'for',
    ]);
    expect(out).toContain('daemon   ready at http://127.0.0.1:8080\n');
    expect(out).toContain('spaces   2: 1 failing, 1 fresh\n');
    expect(out).toContain('storage  http://h: 2 spaces, 1 IN TROUBLE since 2026-03-02T10:00:00Z: no answer\n');
    expect(out).toContain('last full one: 2026-03-02T10:00:00Z');
    expect(out).toContain('for you  1 user has left and can be forgotten (ovadex doctor');
  });

  test('names the database that keeps the images', async () => {
    const { call } = await scene({ data: 'directory: data, url: "postgres://ovadex@127.0.0.1/images"' });
    expect((await call()).out).toContain('images   0 in postgres://ovadex@127.0.0.1/images, ');
  });

  test('tells the same as JSON', async () => {
    const { call } = await scene();
    expect(JSON.parse((await call({ json: true })).out)).toMatchObject({
      exit_code: 75,
      daemon: { address: 'http://127.0.0.1:8080', ready: true },
      spaces: { failing: 1, fresh: 1 },
      hosts: [{ origin: 'http://h', spaces: 2, in_trouble: 1, message: 'no answer' }],
      waiting: { departed: 1, suspended: 0, held_spaces: 0 },
      syncs: { last_full_on: '2026-03-02T10:00:00Z' },
    });
  });

  test('ends with 1 where there is no daemon', async () => {
    const { call } = await scene({ isReady: false });
    const { code, out } = await call();
    expect(code).toBe(1);
    expect(out).toContain('NOT READY at http://127.0.0.1:8080: nothing is listening there');
  });

  test('tells of an index that can not be used, with its code where the daemon is well', async () => {
    expect(await (await scene({ isTried: false })).call()).toMatchObject({
      code: 74,
      out: expect.stringContaining('index    UNUSABLE') as string,
    });
    expect((await (await scene({ isTried: false, isReady: false })).call()).code).toBe(1);
  });
});

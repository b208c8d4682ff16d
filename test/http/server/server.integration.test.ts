import { EventEmitter, once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ListenTarget } from '../../../src/http/server/listen.js';
import { type FetchApp, listen } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { readAll, sendRaw } from '../../support/raw-http.js';
import { type Body, createApiScene } from '../api-scene.js';

const ANY_PORT: ListenTarget = { kind: 'tcp', host: '127.0.0.1', port: 0 };
const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function start(
  app: FetchApp,
  address: ListenTarget = ANY_PORT,
  noteUnread: (status: number) => void = () => undefined,
) {
  const server = await listen(app, address, { logger: quietLogger, noteUnread });
  cleanup.add(() => server.close(0));
  return server;
}

async function startApi() {
  const scene = createApiScene({ publicUrl: null });
  await scene.addSpace('jm');
  await scene.sync('jm', ['grün.ova', 'blau.ova']);
  const unread: number[] = [];
  const { url } = await start(scene.app, ANY_PORT, (status) => void unread.push(status));
  return { ...scene, unread, url, port: Number(new URL(url).port), token: await scene.tokenFor('jm') };
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-http-'));
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Asks over an agent's connection; a body may go with any method. */
function ask(agent: Agent, url: string, token: string, options: { method?: string; body?: string } = {}) {
  const { method = 'GET', body } = options;
  return new Promise<{ status: number; text: string; length: string | undefined; port: number | undefined }>(
    (resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
      const request = httpRequest(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
        const { localPort: port } = response.socket;
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, text, length: response.headers['content-length'], port }),
        );
      });
      request.once('error', reject).end(body);
    },
  );
}

describe('a listening server', () => {
  it('says its real port', async () => {
    const { url, token, ask: inProcess } = await startApi();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const response = await fetch(`${url}/v2/image`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    const { data, _links } = (await response.json()) as Body;
    expect(data).toEqual(((await (await inProcess(token, '/v2/image')).json()) as Body).data);
    expect(_links.self).toBe(`${url}/v2/image`);
  });

  it('answers GET and OPTIONS with a body on one connection, again and again', async () => {
    const { url, token } = await startApi();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(() => agent.destroy());
    const ports = new Set<number | undefined>();
    for (const options of [{ body: '{}' }, {}, { method: 'OPTIONS', body: '{}' }, { method: 'HEAD' }, { body: '{}' }]) {
      const { status, port } = await ask(agent, `${url}/v2/image`, token, options);
      expect(status).toBe(200);
      ports.add(port);
    }
    expect(ports.size).toBe(1);
  });

  it('keeps a connection as long as it is told to, says so, and ends it then', async () => {
    const { app } = createApiScene();
    const server = await listen(app, ANY_PORT, { logger: quietLogger, limits: { keepAliveTimeout: 1_000 } });
    cleanup.add(() => server.close(0));
    const port = Number(new URL(server.url).port);
    const socket = connect(port, '127.0.0.1');
    const text = readAll(socket);
    socket.write('GET /v2/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await once(socket, 'data');
    expect(text()).toMatch(/^keep-alive: timeout=1\r$/im);
    await once(socket, 'end');
  });

  it('answers HEAD with the length of the body and without it', async () => {
    const { url, token } = await startApi();
    const agent = new Agent();
    const get = await ask(agent, `${url}/v2/image`, token);
    const head = await ask(agent, `${url}/v2/image`, token, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '', length: get.length });
  });

  it.each([
    ['headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a query that is too large', `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['a target that is far too large', `GET /${'a'.repeat(80_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['many headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\n${'X-Header: y\r\n'.repeat(3_000)}\r\n`, 431],
    ['raw UTF-8 behind a head that is not whole', 'GET /?name=gr\u00c3\u00bcn HTTP/1.1\r\nHost: x\r\n', 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a target that is none', 'GET nonsense HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n', 400],
  ])('answers %s with a problem, and tells of it', async (_, bytes, expected) => {
    const { port, unread } = await startApi();
    const { status, headers, body } = await sendRaw(port, bytes);
    expect(status).toBe(expected);
    expect(unread).toEqual([expected]);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, instance: headers.get('x-request-id') });
  });

  it('says nothing of an error that the app did not catch', async () => {
    const { url } = await start({
      fetch: () => {
        throw new Error('secret');
      },
    });
    const response = await fetch(url);
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.text()).not.toContain('secret');
  });

  it('says which port is taken', async () => {
    const { port } = await startApi();
    const taken = listen(createApiScene().app, { ...ANY_PORT, port }, { logger: quietLogger });
    await expect(taken).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

describe('a server that closes', () => {
  /** An app whose answers wait until they are let go. */
  function createHeldApp() {
    const events = new EventEmitter();
    const started = once(events, 'start');
    const released = once(events, 'release');
    const app: FetchApp = {
      async fetch() {
        events.emit('start');
        await released;
        return new Response('done', { headers: { 'Content-Type': 'text/plain' } });
      },
    };
    return { app, started, release: () => events.emit('release') };
  }

  it('lets a running answer finish and takes no new connection', async () => {
    const { app, started, release } = createHeldApp();
    const server = await start(app);
    const running = fetch(server.url);
    await started;
    const closed = server.close(20_000);
    await expect(fetch(server.url)).rejects.toThrow();
    release();
    expect(await (await running).text()).toBe('done');
    await closed;
  });

  it('closes connections that are idle, fall idle, or never asked, long before the grace ends', async () => {
    const { app, started, release } = createHeldApp();
    const server = await start({
      fetch: (request) => (request.url.endsWith('/held') ? app.fetch(request) : new Response('at once')),
    });
    const agent = new Agent({ keepAlive: true });
    cleanup.add(() => agent.destroy());
    const running = ask(agent, `${server.url}/held`, '');
    await started;
    await ask(agent, `${server.url}/`, '');
    const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    const closed = server.close(600_000); // the test would time out if it took the grace
    await ended;
    release();
    expect((await running).text).toBe('done');
    await closed;
  });

  it('answers a request that comes on a connection that was taken before the end began', async () => {
    const { app, started, release } = createHeldApp();
    const server = await start({
      fetch: (request) => (request.url.endsWith('/held') ? app.fetch(request) : new Response('at once')),
    });
    const running = fetch(`${server.url}/held`);
    await started;
    const client = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(client, 'connect');
    await (await fetch(server.url, { headers: { Connection: 'close' } })).text(); // now the one before is taken, too
    const closed = server.close(20_000);
    client.write('GET / HTTP/1.1\r\nHost: ovadex\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    release();
    await (await running).text();
    await closed;
  });

  it('cuts what has not finished when the grace ends', async () => {
    const { app, started, release } = createHeldApp();
    const server = await start(app);
    const running = fetch(server.url);
    const cut = expect(running).rejects.toThrow();
    await started;
    await server.close(10);
    await cut;
    release();
  });

  it('can be closed twice', async () => {
    const server = await start(createHeldApp().app);
    await Promise.all([server.close(10), server.close(10)]);
  });
});

/** As a killed process leaves it: a server's file goes with it only under its own name. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer().listen(path);
  await once(server, 'listening');
  linkSync(path, `${path}.kept`);
  server.close();
  await once(server, 'close');
  renameSync(`${path}.kept`, path);
}

describe('a unix socket', () => {
  const answerAt = (socketPath: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({ socketPath, path: '/livez', agent: new Agent() }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      request.once('error', reject).end();
    });

  it('is open to owner and group only, and goes with the server', async () => {
    const path = join(temporaryDirectory(), 'api.sock');
    const server = await start(createApiScene().app, { kind: 'unix', path });
    expect(server.url).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await answerAt(path)).toBe(200);
    await server.close(1_000);
    expect(existsSync(path)).toBe(false);
  });

  it('is open to nobody before it has its rights, whatever the umask', async () => {
    const path = join(temporaryDirectory(), 'api.sock');
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const modes = new Set<number>();
    const watcher = watch(dirname(path), () => {
      if (existsSync(path)) modes.add(statSync(path).mode & 0o777);
    });
    const starting = start(createApiScene().app, { kind: 'unix', path });
    await vi.waitUntil(() => existsSync(path), { interval: 0 });
    modes.add(statSync(path).mode & 0o777);
    await starting;
    watcher.close();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    modes.delete(0o660);
    modes.delete(0);
    expect([...modes]).toEqual([]);
    expect(process.umask()).toBe(0);
  });

  it.each([0o600, 0o666, 0o640])('has the mode that it is given: %o', async (mode) => {
    const path = join(temporaryDirectory(), 'api.sock');
    await start(createApiScene().app, { kind: 'unix', path, mode });
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  it('is given to a group by its number or name', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('root, to give a file away');
    const path = join(temporaryDirectory(), 'api.sock');
    for (const [group, gid] of [
      ['4242', 4242],
      ['daemon', 1],
    ] as const) {
      const server = await start(createApiScene().app, { kind: 'unix', path, group });
      expect(statSync(path)).toMatchObject({ gid, uid: process.getuid() });
      await server.close(1_000);
    }
  });

  it('says that a group is not there, and leaves no socket behind', async () => {
    const path = join(temporaryDirectory(), 'api.sock');
    const refused = listen(
      createApiScene().app,
      { kind: 'unix', path, group: 'no-such-group' },
      { logger: quietLogger },
    );
    await expect(refused).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/server\.socketGroup.*"no-such-group"/) as string,
    });
    expect(existsSync(path)).toBe(false);
  });

  it('is not taken from somebody who listens', async () => {
    const path = join(temporaryDirectory(), 'api.sock');
    const { app } = createApiScene();
    await start(app, { kind: 'unix', path });
    await expect(listen(app, { kind: 'unix', path }, { logger: quietLogger })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await answerAt(path)).toBe(200);
  });

  it('replaces a socket file that nobody listens at', async () => {
    const path = join(temporaryDirectory(), 'api.sock');
    await leaveStaleSocket(path);
    await start(createApiScene().app, { kind: 'unix', path });
    expect(await answerAt(path)).toBe(200);
  });

  it('never replaces another file', async () => {
    const path = join(temporaryDirectory(), 'precious');
    writeFileSync(path, 'data');
    const refused = listen(createApiScene().app, { kind: 'unix', path }, { logger: quietLogger });
    await expect(refused).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(path) });
    expect(existsSync(path)).toBe(true);
  });

  it('says that its directory is missing', async () => {
    const path = join(temporaryDirectory(), 'none', 'api.sock');
    const refused = listen(createApiScene().app, { kind: 'unix', path }, { logger: quietLogger });
    await expect(refused).rejects.toMatchObject({ code: 'config' });
  });
});

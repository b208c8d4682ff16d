import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, type ServerLimits } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { answersIn, readAll, sendAllRaw, sendRaw } from '../../support/raw-http.js';
import { createApiScene } from '../api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Short, and yet longer than it takes on a busy machine to ask whether others are served, which has the same limits. */
const SHORT: Partial<ServerLimits> = { headersTimeout: 1_000, requestTimeout: 2_000, connectionsCheckingInterval: 50 };

async function startApi(limits: Partial<ServerLimits> = {}, logger = quietLogger) {
  const scene = createApiScene({ publicUrl: null });
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger, limits });
  cleanup.add(() => server.close(0));
  const port = Number(new URL(server.url).port);
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined); // the server may cut it
    cleanup.add(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const isAlive = async () =>
    (await sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).status === 200;
  return { ...scene, port, open, isAlive };
}

/** Sends a byte every few ms for as long as it is let. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.writable) socket.write(text[at++ % text.length] ?? '');
  }, 20);
  cleanup.add(() => clearInterval(timer));
}

/** Waits until the server ends a connection; answers what it said before. */
async function endOf(socket: Socket): Promise<string> {
  const text = readAll(socket);
  await once(socket, 'close');
  return text();
}

describe('a client that is slow', () => {
  it('with its head is told so and cut, while others are served', async () => {
    const { open, isAlive } = await startApi(SHORT);
    const slow = await Promise.all(Array.from({ length: 50 }, open));
    const ends = slow.map(endOf);
    for (const socket of slow) {
      socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      drip(socket, 'a');
    }
    expect(await isAlive()).toBe(true);
    for (const text of await Promise.all(ends)) {
      const [answer] = answersIn(text);
      expect(answer?.status).toBe(408);
      expect(answer?.headers.get('content-type')).toBe('application/problem+json');
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 408, message: expect.any(String) });
    }
  });

  it.each(['/auth/request-token', '/v2/admin/sync'])('with the body of POST %s is cut, too', async (path) => {
    const { open, isAlive, tokenFor } = await startApi(SHORT);
    const socket = await open();
    const end = endOf(socket);
    const authorization = `Authorization: Bearer ${await tokenFor('jm', ['admin'])}`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${authorization}\r\nContent-Length: 9000\r\n\r\n`);
    drip(socket, '{"a":"b"}');
    expect(await isAlive()).toBe(true);
    expect(answersIn(await end)[0]?.status).toBe(408);
  });

  it('with a body that nobody reads has its answer at once, and is cut all the same', async () => {
    const { open } = await startApi(SHORT);
    const socket = await open();
    const end = endOf(socket);
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    drip(socket, 'a');
    expect(answersIn(await end)[0]?.status).toBe(200);
  });

  it('to say anything at all is cut', async () => {
    const { open } = await startApi(SHORT);
    const sockets = await Promise.all(Array.from({ length: 20 }, open));
    await Promise.all(sockets.map(endOf));
  });

  it('to read, and asks on and on, is cut before that fills the memory', async () => {
    const { open, isAlive, logLines } = await startApi();
    const socket = await open();
    const end = once(socket, 'close');
    socket.pause();
    // Some 40 MB if all of them were answered.
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_500));
    // The document is made for the first answer, which takes a busy machine seconds.
    await expect.poll(isAlive).toBe(true);
    socket.resume();
    await end;
    expect(logLines.filter((line) => line.includes('/openapi.json')).length).toBeLessThanOrEqual(33);
  });

  it('in nothing has its answers in order, though it asks for several at once', async () => {
    const { port } = await startApi();
    const request = (i: number) =>
      `GET /nothing/${i} HTTP/1.1\r\nHost: x\r\n${i === 31 ? 'Connection: close\r\n' : ''}\r\n`;
    const answers = await sendAllRaw(
      port,
      Array.from({ length: 32 }, (_, i) => request(i)),
    );
    expect(answers.map(({ body }) => JSON.parse(body).detail)).toEqual(
      Array.from({ length: 32 }, (_, i) => `there is nothing at /nothing/${i}`),
    );
  });
});

describe('very many connections', () => {
  /** Two descriptors each, ours and the server's; some hundred are for everything else. */
  const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) || 4_096;
  const count = Math.min(4_000, Math.floor((descriptors - readdirSync('/proc/self/fd').length - 500) / 2));

  it(`are held, and everybody else is served: ${count} idle ones`, async () => {
    expect(count, 'the descriptor limit is too low for this test').toBeGreaterThanOrEqual(2_000);
    // Nobody is cut while the test opens them.
    const { open, isAlive } = await startApi({ headersTimeout: 120_000, requestTimeout: 120_000 });
    const before = process.memoryUsage().rss;
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      // As many at a time as a listen queue has room for.
      sockets.push(...(await Promise.all(Array.from({ length: Math.min(200, count - sockets.length) }, open))));
    }
    // Half of them have asked something and stay for more.
    const asked = sockets.filter((_, i) => i % 2 === 0);
    await Promise.all(
      asked.map(async (socket) => {
        socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(socket, 'data');
      }),
    );
    expect(await isAlive()).toBe(true);
    expect(sockets.filter((socket) => socket.destroyed)).toEqual([]);
    // Both ends of them live in this process.
    expect((process.memoryUsage().rss - before) / count).toBeLessThan(64 * 1024);
  }, 120_000);

  it('lock nobody out: the idle ones go when no more are taken', async () => {
    const logLines: string[] = [];
    const logger = pino({}, { write: (line: string) => void logLines.push(line) });
    const { open, isAlive } = await startApi({ maxConnections: 20 }, logger);
    const sockets = await Promise.all(Array.from({ length: 20 }, open));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(socket, 'data');
      }),
    );
    await expect.poll(() => isAlive().catch(() => false)).toBe(true);
    await expect.poll(() => sockets.filter((socket) => socket.destroyed).length).toBe(20);
    expect(logLines.filter((line) => line.includes('too many connections'))).toHaveLength(1);
  });
});

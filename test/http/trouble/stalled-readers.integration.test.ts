import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FetchApp, listen } from '../../../src/http/server/server.js';
import { parseUnacknowledged } from '../../../src/http/server/unacknowledged.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const STALLED_MS = 1_000;
/** A busy machine fills the kernel's buffers slowly. */
const SOON = { timeout: 20_000, interval: 50 };
/** More than the kernel holds for a client on this machine. */
const MUCH = Buffer.alloc(24 * 1024 * 1024, 'x');

const endless = () =>
  new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(MUCH.subarray(0, 65_536)) });

const app: FetchApp = {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/stream') return new Response(endless());
    if (pathname === '/coded')
      return new Response(brotliCompressSync('x'), {
        headers: { 'Content-Encoding': 'br', 'X-Much': 'y'.repeat(9_000) },
      });
    if (pathname === '/late') return delay(3 * STALLED_MS).then(() => new Response('late'));
    return new Response(pathname === '/much' ? MUCH : MUCH.subarray(0, 256 * 1024));
  },
};

async function start() {
  const server = await listen(
    app,
    { kind: 'tcp', host: '127.0.0.1', port: 0 },
    { logger: quietLogger, limits: { stalledMs: STALLED_MS } },
  );
  cleanup.add(() => server.close(0));
  const port = Number(new URL(server.url).port);
  return async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    cleanup.add(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
/** By the server; a socket that reads nothing hears of it by its next write. */
const isEnded = async (socket: Socket) => {
  for (let tries = 0; tries < 3 && !socket.destroyed; tries++) {
    socket.write('\r\n');
    await delay(50);
  }
  return socket.destroyed;
};

describe('a client that takes nothing', { timeout: 30_000 }, () => {
  it.each([
    ['a large answer', get('/much')],
    ['a stream', get('/stream')],
    ['answers that it asked for at once', get('/some').repeat(30)],
  ])('of %s is ended', async (_, requests) => {
    const open = await start();
    const socket = await open();
    socket.pause();
    socket.write(requests);
    await vi.waitUntil(() => isEnded(socket), SOON);
  });

  it('is ended though it goes on sending', async () => {
    const open = await start();
    const socket = await open();
    socket.pause();
    socket.write(get('/much'));
    const timer = setInterval(() => socket.write('X'), 50);
    cleanup.add(() => clearInterval(timer));
    await vi.waitUntil(() => isEnded(socket), SOON);
  });
});

describe('a client that is slow', { timeout: 60_000 }, () => {
  it('and takes a little now and then gets all of its answer', async () => {
    const open = await start();
    const socket = await open();
    socket.pause();
    socket.write(get('/much'));
    let taken = 0;
    // A megabyte is a third of what the kernel holds here: it wakes the writer seldom.
    for (let n = 0; n < 24; n++) {
      await delay(STALLED_MS / 8);
      taken += (socket.read(64 * 1024) as Buffer | null)?.length ?? 0;
    }
    expect(taken).toBeGreaterThan(256 * 1024);
    expect(socket.destroyed).toBe(false);
    socket.on('data', (chunk: Buffer) => {
      taken += chunk.length;
    });
    socket.resume();
    await vi.waitUntil(() => taken >= MUCH.length || socket.destroyed, SOON);
    expect(taken).toBeGreaterThanOrEqual(MUCH.length);
  });

  it('to be answered is waited for', async () => {
    const open = await start();
    const socket = await open();
    socket.write(get('/late'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('to send its next request keeps its connection', async () => {
    const open = await start();
    const socket = await open();
    socket.write(get('/coded'));
    await once(socket, 'data');
    await delay(2 * STALLED_MS);
    expect(socket.destroyed).toBe(false);
  });
});

it('the kernel’s tables are read by the ports of both ends', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const line = (queue: string) =>
    `   1: 0100007F:1F90 0100007F:C350 01 ${queue}:00000000 01:00000014 00000000  1000        0 12345 2`;
  const six =
    '   0: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C351 01 0000000A:00000000 00:0';
  const at = (remotePort: number, queue: string) =>
    parseUnacknowledged([head, line(queue), six].join('\n')).of({ localPort: 8080, remotePort });
  expect(at(50_000, '00280000')).not.toBe(at(50_000, '00270000'));
  expect(at(50_000, '00280000')).toBe(at(50_000, '00280000'));
  expect(at(50_001, '00280000')).toContain('0000000A');
  expect(at(50_002, '00280000')).toBe('');
});

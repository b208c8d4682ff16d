import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createCleanup } from '../../support/cleanup.js';
import { processorClockOf } from '../processor-time.js';
import { median } from '../ratios.js';
import type { Cost } from './consumer-day.js';
import { openWaitersScene } from './scene.js';

/** Six times as long as another process's commit may go unseen. */
const WITHIN_MS = 30_000;
const SECRET = 'a secret of the receiver, long enough';

/** What so many messages to a receiver of webhooks cost: each tells that one image has changed. */
export async function measureWebhook({
  images,
  messages,
  idle,
}: {
  readonly images: number;
  readonly messages: number;
  /** What the daemon takes by itself, as a part of the time. */
  readonly idle: number;
}): Promise<Cost> {
  const cleanup = createCleanup();
  try {
    const receiver = await startCounting();
    cleanup.add(receiver.close);
    const webhooks = [{ name: 'consumer', url: receiver.url, secret: SECRET, users: ['user0'] }];
    const scene = await openWaitersScene({ spaces: 1, perUser: 20, images, webhooks });
    cleanup.add(scene.stop);
    // The first one opens the connection; a single one is there to show that this works.
    if (messages > 1) await changeTold(receiver, scene.change);
    const bytesBefore = receiver.bytes();
    const cpuMs: number[] = [];
    for (let n = 0; n < messages; n++) {
      const clock = processorClockOf(scene.daemon.child.pid);
      const startedAt = performance.now();
      await changeTold(receiver, scene.change);
      cpuMs.push(clock() - idle * (performance.now() - startedAt));
    }
    // Some seconds go by before each, in which the daemon does other things now and then.
    return { bytes: receiver.bytes() - bytesBefore, cpuMs: median(cpuMs) * messages };
  } finally {
    await cleanup.run();
  }
}

async function changeTold(receiver: CountingReceiver, change: (spaces: number) => number): Promise<void> {
  const told = receiver.next('image.changed');
  const late = setTimeout(() => receiver.fail(`a webhook was told nothing within ${WITHIN_MS} ms`), WITHIN_MS);
  change(1);
  await told.finally(() => clearTimeout(late));
}

interface CountingReceiver {
  readonly url: string;
  /** Resolves with the next message of this type. */
  next(type: string): Promise<void>;
  /** Rejects it. */
  fail(why: string): void;
  /** Read and written on all connections. */
  bytes(): number;
  close(): Promise<void>;
}

/** A receiver that takes everything, on a kept connection as receivers do. */
async function startCounting(): Promise<CountingReceiver> {
  const sockets: Socket[] = [];
  let wanted = { type: '', resolve: () => {}, reject: (_error: Error) => {} };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.once('end', () => {
      response.writeHead(204).end(() => {
        if ((JSON.parse(body) as { type: string }).type === wanted.type) wanted.resolve();
      });
    });
  });
  server.on('connection', (socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    next: (type) =>
      new Promise((resolve, reject) => {
        wanted = { type, resolve, reject };
      }),
    fail: (why) => wanted.reject(new Error(why)),
    bytes: () => sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

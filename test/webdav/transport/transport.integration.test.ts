import { getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connections, createConnections } from '../../../src/webdav/connections.js';
import { connectionFailure } from '../../../src/webdav/failure/connection-failure.js';
import {
  createTransport,
  type DavAnswer,
  deadlineIn,
  type Transport,
} from '../../../src/webdav/transport/transport.js';

const NEVER = new AbortController().signal;
const TIMEOUTS = { firstByteMs: 60_000, silenceMs: 60_000, totalMs: 60_000 };
const PLACES = 2;

let server: Server;
let connections: Connections;
let transport: Transport;
let arrived: (() => void)[];

/** A server that answers `/` and never anything else. */
beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => {
    if (request.url === '/') response.end('x');
    else for (const tell of arrived.splice(0)) tell();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  connections = createConnections({ connectMs: 10_000, perHost: PLACES });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  transport = createTransport(connections.of({ tls: null, proxy: null }), origin, TIMEOUTS, []);
});

afterEach(async () => {
  await connections.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (path: string, totalMs: number, signal: AbortSignal): Promise<DavAnswer> =>
  transport(
    { method: 'GET', path, headers: {}, body: '', deadline: deadlineIn(totalMs), readerOf: () => null },
    signal,
  );
const arrival = () => new Promise<void>((resolve) => arrived.push(resolve));

/** What becomes of requests that are not answered, as a listing tells it. */
const failuresOf = async (asked: readonly Promise<DavAnswer>[]) =>
  (await Promise.allSettled(asked)).map((each) =>
    each.status === 'rejected' ? connectionFailure(each.reason, 'head').detail : `answered ${each.value.status}`,
  );

it('waits for an answer until the deadline, whether the request was sent or still waits for a connection', async () => {
  const asked = Array.from({ length: PLACES + 1 }, () => ask('/silent', 60, NEVER));
  expect(await failuresOf(asked)).toEqual(asked.map(() => expect.stringContaining('not answered within 60 ms')));
  expect((await ask('/', 10_000, NEVER)).status).toBe(200);
});

it('waits no longer when the deadline is over before a request is sent', async () => {
  const [failure] = await failuresOf([ask('/silent', -1, NEVER)]);
  expect(failure).toContain('not answered within');
});

it('ends all requests by one listener to their signal, and none that was answered', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const answered = await Promise.all(Array.from({ length: 5 }, () => ask('/', 10_000, signal)));
  const sent = arrival();
  const asked = Array.from({ length: PLACES + 1 }, () => ask('/silent', 10_000, signal));
  await sent;
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  const reason = new Error('stopped');
  controller.abort(reason);
  for (const each of await Promise.allSettled(asked)) expect(each).toEqual({ status: 'rejected', reason });
  expect(answered.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await expect(ask('/', 10_000, signal)).rejects.toBe(reason);
});

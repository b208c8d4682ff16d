import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type FetchApp, listen } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { answersIn, readAll, sendRaw } from '../../support/raw-http.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const REQUEST = 'GET /whole HTTP/1.1\r\nHost: x\r\n\r\n';
/** A body that no header tells of, as Node's own client sends it with DELETE. */
const STRAY = '{"name":"x"}';

/** Answers once it is released, with what was asked for. */
async function startSlowly() {
  const asked: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const app: FetchApp = {
    async fetch(request) {
      asked.push(new URL(request.url).pathname);
      const body = await request.text();
      await released;
      return new Response(`answer ${body}`);
    },
  };
  const server = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  cleanup.add(() => server.close(0));
  return { asked, release, port: Number(new URL(server.url).port) };
}

/** Sends these bytes, releases the answers once the server has this many requests, and reads until it closes. */
async function exchange(bytes: string, requests: number) {
  const { asked, release, port } = await startSlowly();
  const socket = connect(port, '127.0.0.1');
  cleanup.add(() => void socket.destroy());
  const text = readAll(socket);
  socket.write(bytes, 'latin1');
  await expect.poll(() => asked.length).toBe(requests);
  release();
  await expect.poll(() => socket.readableEnded).toBe(true);
  return answersIn(text()).map(({ status, body }) => [status, status === 200 ? body : JSON.parse(body).detail]);
}

describe('bytes that are no request', () => {
  const malformed = [400, 'the request is malformed HTTP'];

  it.each([
    ['a request', REQUEST + STRAY, 1],
    ['several', REQUEST + REQUEST + STRAY, 2],
  ])('behind %s leave its answer as it is, and are answered after it', async (_, bytes, requests) => {
    expect(await exchange(bytes, requests)).toEqual([...Array(requests).fill([200, 'answer ']), malformed]);
  });

  it('in the body of a request are answered at once', async () => {
    const { port } = await startSlowly();
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect((await sendRaw(port, `${head}no number\r\n`)).status).toBe(400);
  });
});

it('a request that expects what nobody knows is answered like any other', async () => {
  const { port, release } = await startSlowly();
  release();
  const { status, body } = await sendRaw(
    port,
    'POST / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
  );
  expect([status, body]).toEqual([200, 'answer {}']);
});

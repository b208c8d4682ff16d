import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSendWhole, wholeHead } from '../../../src/http/server/replay.js';
import { createCleanup } from '../../support/cleanup.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const HEADERS = { 'X-Request-Id': 'first', 'Content-Type': 'text/plain', ETag: 'W/"\xfc"', 'Content-Length': '3' };
/** One character a byte, as a body that is encoded has them. */
const BODY = 'gr\xfcn \x00\xff';

interface Scene {
  /** What every answer has: null is a 304. */
  readonly body?: string | null;
  readonly now?: () => number;
}

/** A server that answers everything the same, and counts how often Node wrote a head. */
async function startServer({ body = BODY, now = () => 5_000 }: Scene = {}) {
  const send = createSendWhole(now);
  const status = body === null ? 304 : 200;
  const head = wholeHead(status, HEADERS, body !== null);
  let heads = 0;
  let id = 0;
  const answer = (_: IncomingMessage, outgoing: ServerResponse) => {
    const writeHead = vi.spyOn(outgoing, 'writeHead');
    send(outgoing, head, `id-${++id}`, body);
    heads += writeHead.mock.calls.length;
  };
  const server = createServer({ keepAliveTimeout: 65_000 }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    /** Sends the bytes of some requests on one connection, and returns all that comes until that ends. */
    async ask(...requests: string[]) {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.end(requests.join(''));
      return await text(socket);
    },
    heads: () => heads,
  };
}

const request = (version = '1.1', ...lines: string[]) =>
  `GET / HTTP/${version}\r\nHost: h\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const alike = (answered: string) => answered.replaceAll(/id-\d+|(?<=Date: )[^\r]+/g, '*');

describe('an answer that is sent whole', () => {
  it.each<[string, string | null]>([
    ['a body', BODY],
    ['no body', null],
    ['an empty body', ''],
  ])('has, with %s, the bytes that Node itself would send, on a connection that is kept', async (_, body) => {
    const { ask, heads } = await startServer({ body });
    const byNode = await ask(request());
    expect(heads()).toBe(1);
    const whole = await ask(request());
    expect(heads()).toBe(1);
    expect(alike(whole)).toBe(alike(byNode));
    expect(whole).toMatch(/^HTTP\/1\.1 (200|304) [\w ]+\r\nX-Request-Id: id-2\r\n/);
    expect(whole).toMatch(/\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n/);
    expect(whole.endsWith(`\r\n\r\n${body ?? ''}`)).toBe(true);
  });

  it('keeps its place among requests that come in one packet', async () => {
    const { ask, heads } = await startServer();
    await ask(request());
    const answered = await ask(request(), request(), request());
    expect(answered.match(/id-\d/g)).toEqual(['id-2', 'id-3', 'id-4']);
    expect(answered.split(BODY)).toHaveLength(4);
    expect(heads()).toBe(1);
  });

  it.each<[string, string, RegExp]>([
    ['asks for its end', request('1.1', 'Connection: close'), /\r\nConnection: close\r\n/],
    ['speaks HTTP/1.0', request('1.0'), /\r\nConnection: close\r\n/],
    ['speaks HTTP/1.0 and keeps it', request('1.0', 'Connection: keep-alive'), /\r\nConnection: keep-alive\r\n/],
  ])('is left to Node where the client of a connection %s', async (_, asked, expected) => {
    const { ask, heads } = await startServer();
    const before = await ask(asked);
    await ask(request());
    const answered = await ask(asked);
    expect(alike(answered)).toBe(alike(before));
    expect(answered).toMatch(expected);
    expect(heads()).toBe(3);
  });

  it('is left to Node once in each second, which has another date', async () => {
    let now = 5_000;
    const { ask, heads } = await startServer({ now: () => now });
    for (const at of [5_000, 5_999, 6_000, 6_001, 5_000]) {
      now = at;
      expect(await ask(request())).toContain(BODY);
    }
    expect(heads()).toBe(3);
  });

  it('is left to Node each time where that keeps its heads otherwise', () => {
    const send = createSendWhole(() => 5_000);
    const writeHead = vi.fn();
    const end = vi.fn();
    for (const _header of [undefined, null, 'HTTP/2 200\r\n']) {
      const outgoing = { shouldKeepAlive: true, useChunkedEncodingByDefault: true, _header, writeHead, end };
      send(outgoing as unknown as ServerResponse, wholeHead(200, HEADERS, true), 'id', BODY);
    }
    expect(writeHead).toHaveBeenCalledTimes(3);
    expect(end.mock.calls).toEqual(new Array(3).fill([BODY, 'latin1']));
  });
});

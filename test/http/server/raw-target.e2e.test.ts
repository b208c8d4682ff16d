import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeRawTarget } from '../../../src/http/server/raw-target.js';
import { createReplays } from '../../../src/http/server/replay.js';
import { listen } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { answersIn, readAll, sendRaw } from '../../support/raw-http.js';
import { type Body, createApiScene } from '../api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const utf8 = (text: string) => Buffer.from(text);
const HEAD = 'Host: x\r\nAccept: */*\r\n';

describe('a request whose target is raw UTF-8', () => {
  it.each([
    [`GET /?name=größe HTTP/1.1\r\n${HEAD}\r\n`, 'GET /?name=gr%C3%B6%C3%9Fe HTTP/1.1'],
    [`GET /ä?b=%20&c=ü HTTP/1.0\r\n\r\n`, 'GET /%C3%A4?b=%20&c=%C3%BC HTTP/1.0'],
    [`GET /?ä HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n{}`, 'GET /?%C3%A4 HTTP/1.1'],
    [`PATCH /?ä HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`, 'PATCH /?%C3%A4 HTTP/1.1'],
  ])('has it percent-encoded, and all else as it was: %j', (given, line) => {
    const rest = given.slice(given.indexOf('\r\n'));
    expect(encodeRawTarget(utf8(given))?.toString()).toBe(`${line}\r\nConnection: close${rest}`);
  });

  it.each([
    ['nothing is wrong', `GET /?a HTTP/1.1\r\n${HEAD}\r\n`],
    ['its head is not whole', `GET /?ä HTTP/1.1\r\n${HEAD}`],
    ['its body is not whole', `GET /?ä HTTP/1.1\r\n${HEAD}Content-Length: 3\r\n\r\n{}`],
    ['another one follows', `GET /?ä HTTP/1.1\r\n${HEAD}\r\nGET / HTTP/1.1\r\n\r\n`],
    ['another one is before it', `GET / HTTP/1.1\r\n${HEAD}\r\nGET /?ä HTTP/1.1\r\n${HEAD}\r\n`],
    ['its length is said twice', `GET /?ä HTTP/1.1\r\n${HEAD}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
    ['its body has a coding', `GET /?ä HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`],
    ['there is a control character, too', `GET /?ä\x01 HTTP/1.1\r\n${HEAD}\r\n`],
    ['there is a space, too', `GET /?ä b HTTP/1.1\r\n${HEAD}\r\n`],
    ['it is another protocol', `GET /?ä HTTP/2.0\r\n${HEAD}\r\n`],
    ['there is nothing', ''],
  ])('is left as it is where %s', (_, given) => expect(encodeRawTarget(utf8(given))).toBeNull());
});

async function startApi() {
  const scene = createApiScene({ publicUrl: null });
  await scene.addSpace('jm');
  await scene.sync('jm', ['größe.ova', 'other.ova']);
  const server = await listen(
    scene.app,
    { kind: 'tcp', host: '127.0.0.1', port: 0 },
    { logger: quietLogger, replays: createReplays({ changes: scene.index.changes, clock: Date.now }) },
  );
  cleanup.add(() => server.close(0));
  return { port: Number(new URL(server.url).port), url: server.url, token: await scene.tokenFor('jm') };
}

const namesIn = (body: string) =>
  (JSON.parse(Buffer.from(body, 'latin1').toString()) as Body).data.map(({ name }) => name);
const request = (token: string, query: string) =>
  utf8(`GET /v2/image?${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`).toString('latin1');

describe('a server', () => {
  it('answers it as if it had come encoded, and closes the connection', async () => {
    const { port, token } = await startApi();
    for (const query of ['name=größe', 'name=GRÖSSE&name=größe&sort=name', 'name=größe']) {
      const { status, headers, body } = await sendRaw(port, request(token, query));
      expect(status).toBe(200);
      expect(headers.get('connection')).toBe('close');
      expect(namesIn(body)).toEqual(query.includes('GRÖSSE') ? [] : ['größe.ova']);
    }
  });

  it('answers it as the second one of a connection, too', async () => {
    const { port, token } = await startApi();
    const socket = connect(port, '127.0.0.1');
    const text = readAll(socket);
    socket.write(request(token, 'name=other'), 'latin1');
    while (!text().includes('"time"')) await once(socket, 'data');
    socket.write(request(token, 'name=größe'), 'latin1');
    await once(socket, 'end');
    const [first, second] = answersIn(text());
    expect(namesIn(first?.body ?? '')).toEqual(['other.ova']);
    expect(namesIn(second?.body ?? '')).toEqual(['größe.ova']);
  });

  it('says of bytes that are no UTF-8 what they are', async () => {
    const { port, token } = await startApi();
    const { status, body } = await sendRaw(port, request(token, 'name=x').replace('name=x', 'name=gr\xf6'));
    expect(status).toBe(400);
    expect((JSON.parse(body) as Body).errors).toMatchObject([{ parameter: 'name' }]);
  });

  it('answers curl, with a name as it is typed', async () => {
    const { url, token } = await startApi();
    const args = ['-sS', '-H', `Authorization: Bearer ${token}`, `${url}/v2/image?name=größe`];
    const { stdout } = await promisify(execFile)('curl', args);
    expect((JSON.parse(stdout) as Body).data.map(({ name }) => name)).toEqual(['größe.ova']);
  });
});

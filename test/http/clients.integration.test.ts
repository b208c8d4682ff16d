import { afterEach, describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../src/auth/verify-token.js';
import { listen } from '../../src/http/server/server.js';
import { createCleanup } from '../support/cleanup.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';
import { type RawAnswer, sendAllRaw } from '../support/raw-http.js';
import { createTestSessions } from '../support/sessions.js';
import { type Body, createApiScene, NOW } from './api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A listening API with one image of jm's. */
async function startApi() {
  const index = createMemoryIndex(() => NOW);
  const sessions = createTestSessions(() => NOW, index);
  const scene = createApiScene(
    {
      publicUrl: null,
      logIn: async (_user, password) => (password === 'right' ? 'good' : 'refused'),
      issueToken: sessions.issue,
      verify: createTokenVerifier({ opaque: async () => null, jwt: new Map([['ovadex', sessions.verify]]) }),
    },
    index,
  );
  await scene.addSpace('jm');
  await scene.sync('jm', ['images/a.ova']);
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  cleanup.add(() => server.close(0));
  const { token = '' } = (await sessions.issue('jm')) ?? {};
  const port = Number(new URL(server.url).port);
  /** Asks twice on one connection, the second time simply, and answers both. */
  const ask = async (head: readonly string[], body = ''): Promise<[RawAnswer, RawAnswer]> => {
    const request = `${[...head, `Host: 127.0.0.1:${port}`].join('\r\n')}\r\n\r\n${body}`;
    const after = `GET /v2/ping HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
    const [first, second, ...rest] = await sendAllRaw(port, [request, after]);
    if (first === undefined || second === undefined || rest.length > 0) throw new Error('not two answers');
    return [first, second];
  };
  return { ask, token, port };
}

/** What the library under all of these clients adds. */
const REQUESTS = ['Accept-Encoding: gzip, deflate', 'Accept: */*', 'Connection: keep-alive'];
const JSON_TYPE = 'Content-Type: application/json';

describe('the client of 2016', () => {
  const USER_AGENT = 'User-Agent: python-requests/2.11.1';
  const withBody = ['Content-Length: 2', JSON_TYPE, USER_AGENT, ...REQUESTS];

  it.each(['GET', 'OPTIONS'])('sends the body {} with %s, and the token as a user name', async (method) => {
    const { ask, token } = await startApi();
    const authorization = `Authorization: Basic ${base64(`${token}:`)}`;
    const [answer, next] = await ask([`${method} /v2/image HTTP/1.1`, authorization, ...withBody], '{}');
    expect([answer.status, next.status]).toEqual([200, 200]);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.body)).toHaveProperty(method === 'GET' ? 'data' : 'parameters');
  });

  it('asks for a token with a type and no body', async () => {
    const { ask } = await startApi();
    const authorization = `Authorization: Basic ${base64('jm:right')}`;
    const head = ['POST /auth/request-token HTTP/1.1', authorization, 'Content-Length: 0', JSON_TYPE, USER_AGENT];
    const [answer, next] = await ask([...head, ...REQUESTS]);
    expect([answer.status, next.status]).toEqual([200, 200]);
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'ACCESS', user: 'jm' });
  });
});

describe('the clients after it', () => {
  const list = (target: string, token: string, ...more: readonly string[]) => [
    `GET ${target} HTTP/1.1`,
    `Authorization: Bearer ${token}`,
    JSON_TYPE,
    ...more,
    ...REQUESTS,
  ];

  it.each([
    ['what the command line sends when nothing is asked for', '/v2/image?sort=&filter=&name='],
    ['0.17, page by page', '/v2/image?expand=1&groups=1&per_page=250&page=1'],
    ['today\u2019s, page by page', '/v2/image?page=1&per_page=500&sort=name%2Casc'],
    ['the command line, all at once', '/v2/image?expand=1&per_page=3000'],
    ['today\u2019s, of the personal images', '/v2/user/image/vm?expand=1&per_page=250&sort=&filter='],
    ['a search', '/v2/image?name=A&sort=name'],
  ])('get their list: %s', async (_, target) => {
    const { ask, token, port } = await startApi();
    const [answer, next] = await ask(list(target, token));
    expect([answer.status, next.status]).toEqual([200, 200]);
    const { data, meta, _links } = JSON.parse(answer.body) as Body;
    // They join the public list with the personal one: an image in both would be there twice.
    const isPublic = target.startsWith('/v2/image?expand=1');
    expect(data.map(({ path }) => path)).toEqual(isPublic ? [] : ['images/a.ova']);
    expect(meta.pages).toMatchObject({ next_url: null, total: isPublic ? 0 : 1 });
    expect(_links.self).toBe(`http://127.0.0.1:${port}${target}`);
  });

  it('get it by a lower-case bearer', async () => {
    const { ask, token } = await startApi();
    const [answer] = await ask(['GET /v2/image HTTP/1.1', `authorization: bearer ${token}`, JSON_TYPE]);
    expect(answer.status).toBe(200);
  });

  it('get no body by HEAD, but its length', async () => {
    const { ask, token } = await startApi();
    const [get] = await ask(list('/v2/image', token));
    const [head, next] = await ask(['HEAD /v2/image HTTP/1.1', `Authorization: Bearer ${token}`, JSON_TYPE]);
    expect([head.status, next.status]).toEqual([200, 200]);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  });

  it.each(['{"otp": null}', '{}', ''])('ask for a token with the body %j', async (body) => {
    const { ask } = await startApi();
    const head = [
      'POST /auth/request-token HTTP/1.1',
      `Authorization: Basic ${base64('jm:right')}`,
      JSON_TYPE,
      `Content-Length: ${body.length}`,
      'User-Agent: pyvss/2025.1.0 (Linux/6.1.0) Python/3.12.1 (Linux-6.1.0-x86_64)',
      ...REQUESTS,
    ];
    const [answer, next] = await ask(head, body);
    expect([answer.status, next.status]).toEqual([200, 200]);
    const { token } = JSON.parse(answer.body) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: 'jm', exp: NOW / 1000 + 86_400 });
  });

  it('see whose token it is, and that the API is there', async () => {
    const { ask, token } = await startApi();
    for (const path of ['/v2/user', '/v2/ping', '/v2/status']) {
      const [answer] = await ask(list(path, token));
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toHaveProperty('data');
    }
  });

  it('ask for a sync by PATCH with a type and no body', async () => {
    const { ask, token } = await startApi();
    const head = ['PATCH /v2/user/image/vm HTTP/1.1', `Authorization: Bearer ${token}`, JSON_TYPE, 'Content-Length: 0'];
    const [answer, next] = await ask([...head, ...REQUESTS]);
    expect([answer.status, next.status]).toEqual([202, 200]);
  });

  it('can read every refusal', async () => {
    const { ask, token } = await startApi();
    const asked: readonly (readonly [number, readonly string[], string])[] = [
      [401, ['GET /v2/image HTTP/1.1', 'Authorization: Bearer nonsense'], ''],
      [
        401,
        ['POST /auth/request-token HTTP/1.1', `Authorization: Basic ${base64('jm:wrong')}`, 'Content-Length: 0'],
        '',
      ],
      [403, ['GET /v2/admin/space HTTP/1.1', `Authorization: Bearer ${token}`], ''],
      [404, ['GET /v2/vm HTTP/1.1', `Authorization: Bearer ${token}`], ''],
      [405, ['DELETE /v2/image HTTP/1.1', `Authorization: Bearer ${token}`], ''],
      [400, list('/v2/image?sort=age', token), ''],
    ];
    for (const [status, head, body] of asked) {
      const [answer, next] = await ask(head, body);
      expect([answer.status, next.status]).toEqual([status, 200]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      const problem = JSON.parse(answer.body) as Record<string, unknown>;
      expect([typeof problem['error'], typeof problem['message']]).toEqual(['string', 'string']);
    }
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { OvadexError } from '../../src/domain/model/errors.js';
import { listen } from '../../src/http/server/server.js';
import { createCleanup } from '../support/cleanup.js';
import { quietLogger } from '../support/quiet-logger.js';
import { sendRaw } from '../support/raw-http.js';
import { createApiScene, failingCatalogue } from './api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const basic = `Basic ${Buffer.from('jm:a-password').toString('base64')}`;
const SECRETS = ['a-password', basic.slice(6), 'ovx_', 'SQLITE_CORRUPT', '/var/lib'];

function expectSafe(headers: Headers): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.has('server')).toBe(false);
  expect(headers.has('x-powered-by')).toBe(false);
  expect(headers.get('cache-control')).toMatch(/no-(?:store|cache)/);
}

function expectProblem(status: number, headers: Headers, body: string): void {
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: headers.get('x-request-id'),
    error: expect.any(String),
    message: expect.any(String),
    errors: expect.any(Array),
  });
  for (const secret of SECRETS) expect(body).not.toContain(secret);
}

type Scene = ReturnType<typeof createApiScene>;

/** Everything that the app answers, by its status. */
const ANSWERS: readonly (readonly [status: number, what: string, ask: () => Promise<readonly [Response, Scene]>])[] = [
  [200, 'a list', () => asJm('/v2/image')],
  [200, 'a description', () => asJm('/v2/image', { method: 'OPTIONS' })],
  [304, 'an unchanged list', () => asJm('/v2/image', { headers: { 'if-none-match': '*' } })],
  [400, 'a bad parameter', () => asJm('/v2/image?sort=age')],
  [401, 'no token', () => asNobody('/v2/image')],
  [
    401,
    'a wrong password',
    () => asNobody('/auth/request-token', { method: 'POST', headers: { authorization: basic } }),
  ],
  [403, 'no right', () => asJm('/v2/admin/space')],
  [404, 'nothing there', () => asJm('/v2/vm')],
  [405, 'another method', () => asJm('/v2/image', { method: 'DELETE' })],
  [413, 'a large body', () => asNobody('/auth/request-token', { method: 'POST', body: 'x'.repeat(20_000) })],
  [429, 'too many requests', () => asJm('/v2/image', {}, 2)],
  [500, 'a mistake of ours', () => withTrouble(new TypeError('SQLITE_CORRUPT in /var/lib/ovadex'))],
  [503, 'an index that is out of order', () => withTrouble(new OvadexError('index', 'SQLITE_CORRUPT'))],
];

async function asJm(path: string, init: RequestInit = {}, times = 1): Promise<readonly [Response, Scene]> {
  const scene = createApiScene({ requestLimit: { requests: 1, windowMs: 60_000 } });
  await scene.addSpace('jm');
  const token = await scene.tokenFor('jm');
  let response = await scene.ask(token, path, init);
  for (let i = 1; i < times; i++) response = await scene.ask(token, path, init);
  return [response, scene];
}

async function asNobody(path: string, init: RequestInit = {}): Promise<readonly [Response, Scene]> {
  const scene = createApiScene();
  return [await scene.app.request(path, init), scene];
}

async function withTrouble(error: unknown): Promise<readonly [Response, Scene]> {
  const scene = createApiScene({ catalogue: failingCatalogue(error) });
  return [await scene.app.request('/v2/status'), scene];
}

describe('an answer', () => {
  it.each(ANSWERS)('of %i is safe to keep, to show and to log: %s', async (status, _, ask) => {
    const [response, { logLines }] = await ask();
    expect(response.status).toBe(status);
    expectSafe(response.headers);
    if (status >= 400) expectProblem(status, response.headers, await response.text());
    for (const secret of SECRETS.slice(0, 3)) expect(logLines.join('')).not.toContain(secret);
  });

  it.each([
    [400, 'hello\r\n\r\n'],
    [414, `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('of %i to what is no request is so, too', async (status, bytes) => {
    const { app } = createApiScene();
    const server = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
    cleanup.add(() => server.close(0));
    const answer = await sendRaw(Number(new URL(server.url).port), bytes);
    expect(answer.status).toBe(status);
    expectSafe(answer.headers);
    expectProblem(status, answer.headers, answer.body);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { createTokenVerifier } from '../../../src/auth/verify-token.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { createTestSessions } from '../../support/sessions.js';
import { bodyOf, createApiScene, NOW } from '../api-scene.js';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Try {
  readonly authorization?: string | undefined;
  readonly address?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** The API before a storage that knows one password of everybody. */
function createLogInScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const time = { now: NOW };
  const clock = () => time.now;
  const logIn = vi.fn(async (_user: string, password: string): Promise<'good' | 'refused' | 'unavailable'> => {
    if (password === 'down') return 'unavailable';
    return password === 'right' ? 'good' : 'refused';
  });
  const index = createMemoryIndex(clock);
  // Everybody has a space here, the first one.
  const everybodys = { spaceOf: async () => 1, record: index.tokens.create };
  const sessions = createTestSessions(clock, index, everybodys);
  const verify = createTokenVerifier({ opaque: async () => null, jwt: new Map([['ovadex', sessions.verify]]) });
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const scene = createApiScene({ logIn, issueToken: sessions.issue, verify, clock, sleep, ...overrides }, index);
  const attempt = async ({ authorization, address = '192.0.2.1', body, headers }: Try = {}) => {
    const response = await scene.app.request(
      '/auth/request-token',
      {
        method: 'POST',
        headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
        ...(body === undefined ? {} : { body }),
      },
      { incoming: { socket: { remoteAddress: address } } },
    );
    const left = Number(response.headers.get('x-ratelimit-remaining'));
    return { response, status: response.status, left };
  };
  return { ...scene, time, logIn, attempt, waits };
}

const RIGHT = { authorization: basic('jm', 'right') };
const WRONG = { authorization: basic('jm', 'wrong') };

describe('POST /auth/request-token', () => {
  it('answers a token as clients of this API know it', async () => {
    const { attempt } = createLogInScene();
    const { response } = await attempt(RIGHT);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      type: 'ACCESS',
      duration: 86_400,
      exp: NOW / 1000 + 86_400,
      exp_date: '2026-11-25T12:00:00.000Z',
      valid_until: '2026-11-25T12:00:00.000Z',
      user: 'jm',
      app_password_kept: false,
    });
  });

  it('tells the crawl of a password that the storage took, of no other, and works without', async () => {
    const { attempt, logIns, crawler, logLines } = createLogInScene();
    await attempt(WRONG);
    await attempt({ authorization: basic('jm', 'down') });
    expect(logIns).toEqual([]);
    await attempt(RIGHT);
    expect(logIns).toEqual(['jm']);
    crawler.loggedIn = () => Promise.reject(new Error('nothing is being crawled'));
    expect((await attempt(RIGHT)).status).toBe(200);
    expect(logLines.join('')).toContain('the crawl was not told of a log-in');
  });

  it('answers a token that opens the user\u2019s own space, in every form, until it expires', async () => {
    const scene = createLogInScene();
    await scene.addSpace('jm');
    await scene.sync('jm', ['a.ova']);
    const { token } = (await (await scene.attempt(RIGHT)).response.json()) as { token: string };
    const list = (authorization: string) => scene.app.request('/v2/image', { headers: { authorization } });
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, basic(token, ''), basic('jm', token)]) {
      const body = await bodyOf(await list(authorization));
      expect([body.meta.user, body.data.length]).toEqual(['jm', 1]);
    }
    expect((await scene.ask(token, '/v2/admin/space')).status).toBe(403);
    scene.time.now += 86_400_000;
    const expired = await list(`Bearer ${token}`);
    expect(expired.headers.get('www-authenticate')).toBe(
      'Bearer realm="ovadex", error="invalid_token",Basic realm="ovadex", charset="UTF-8"',
    );
  });

  it.each([
    ['no body', {}],
    ['no body and a type', { headers: { 'content-type': 'application/json', 'content-length': '0' } }],
    ['an empty object', { body: '{}' }],
    ['no one-time password', { body: '{"otp":null}' }],
    ['an empty object in spaces', { body: ' {} \n' }],
    ['what nobody knows', { body: '{"description":"laptop"}' }],
  ])('takes %s', async (_, body) => {
    const { attempt } = createLogInScene();
    expect((await attempt({ ...RIGHT, ...body })).status).toBe(200);
  });

  it.each([
    ['{"otp":"123456"}', 400, 'otp: one-time passwords are not supported; it must be null or absent'],
    ['[]', 400, 'body: must be a JSON object, or nothing at all'],
    ['user=jm', 400, 'the body is not JSON; it must be a JSON object'],
    ['x'.repeat(20_000), 413, 'the body is too large; at most 16384 bytes are allowed'],
  ])('refuses the body %s', async (body, status, detail) => {
    const { attempt, logIn } = createLogInScene();
    const { response } = await attempt({ ...RIGHT, body: body.slice(0, 30_000) });
    expect(response.status).toBe(status);
    expect(response.headers.get('x-ratelimit-remaining')).toBe('5');
    expect((await bodyOf(response)).detail).toBe(detail);
    expect(logIn).not.toHaveBeenCalled();
  });

  it.each([
    ['none', undefined],
    ['another scheme', 'Bearer abc'],
    ['no colon', `Basic ${Buffer.from('jm').toString('base64')}`],
  ])('asks for credentials when there are %s', async (_, authorization) => {
    const { attempt, logIn } = createLogInScene();
    const { response, left } = await attempt({ authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="ovadex", charset="UTF-8"');
    expect(left).toBe(5);
    expect(logIn).not.toHaveBeenCalled();
  });

  it('takes no credentials where two came', async () => {
    const { attempt, logIn } = createLogInScene();
    const { response, status } = await attempt({ authorization: `${basic('jm', 'right')}, ${basic('jm', 'right')}` });
    expect([status, (await bodyOf(response)).detail]).toEqual([400, expect.stringContaining('exactly one')]);
    expect(logIn).not.toHaveBeenCalled();
  });

  it('counts each that succeeds as a request of the user, whatever its token', async () => {
    const { attempt } = createLogInScene({ requestLimit: { requests: 2, windowMs: 60_000 } });
    const first = await attempt(RIGHT);
    expect(first.response.headers.get('ratelimit')).toBe('"user";r=1;t=60');
    expect((await attempt(RIGHT)).status).toBe(200);
    expect((await attempt(RIGHT)).status).toBe(429);
    expect((await attempt({ authorization: basic('kim', 'right') })).status).toBe(200);
  });

  it('refuses a wrong password, and says no more than that', async () => {
    const { attempt, logLines } = createLogInScene();
    const { response } = await attempt({ authorization: basic('hunter2-as-a-name', 'wrong-password') });
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 401, error: 'Unauthorized', message: expect.any(String) });
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="ovadex", charset="UTF-8"');
    const log = logLines.join('');
    expect(log).toContain('192.0.2.1');
    for (const secret of ['hunter2', 'wrong-password', 'wrong', Buffer.from('hunter2-as-a-name').toString('base64')]) {
      expect(log).not.toContain(secret);
      if (secret !== 'wrong') expect(text).not.toContain(secret);
    }
  });

  it('is 503 while the storage is down, and never 401', async () => {
    const { attempt } = createLogInScene();
    const { response } = await attempt({ authorization: basic('jm', 'down') });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.has('www-authenticate')).toBe(false);
  });

  it('describes itself without a token', async () => {
    const { app } = createApiScene();
    const options = await app.request('/auth/request-token', { method: 'OPTIONS' });
    expect(options.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await options.json()).toMatchObject({
      parameters: { otp: { in: 'body', required: false, type: 'null' } },
      attributes: { token: { type: 'string' }, exp: { type: 'integer' } },
    });
    const document = (await (await app.request('/openapi.json')).json()) as { paths: object };
    expect(document.paths).toMatchObject({ '/auth/request-token': { post: { security: [{ password: [] }] } } });
  });
});

describe('tries to log in', () => {
  it('end after five that failed, even with the right password, until the window is over', async () => {
    const { attempt, time, logIn } = createLogInScene();
    for (const left of [4, 3, 2, 1, 0]) expect(await attempt(WRONG)).toMatchObject({ status: 401, left });
    const { response, left } = await attempt(RIGHT);
    expect([response.status, left]).toEqual([429, 0]);
    expect(response.headers.get('retry-after')).toBe('900');
    expect(response.headers.get('x-ratelimit-limit')).toBe('5');
    expect(response.headers.get('x-ratelimit-reset')).toBe(`${NOW / 1000 + 900}`);
    expect(await bodyOf(response)).toMatchObject({ status: 429, error: 'Too Many Requests' });
    expect(logIn).toHaveBeenCalledTimes(5);
    time.now += 900_000;
    expect((await attempt(RIGHT)).status).toBe(200);
  });

  it('are not used up by those that succeed', async () => {
    const { attempt } = createLogInScene();
    for (let i = 0; i < 20; i++) expect(await attempt(RIGHT)).toMatchObject({ status: 200, left: 5 });
    await attempt(WRONG);
    expect(await attempt(RIGHT)).toMatchObject({ status: 200, left: 4 });
  });

  it.each([
    ['another user from the same place', 'kim', '192.0.2.1'],
    ['the same user from another place', 'jm', '203.0.113.1'],
    ['the same user from another /64', 'jm', '2001:db8:0:1::1'],
  ])('end for that user from that place alone, not for %s', async (_, user, address) => {
    const { attempt } = createLogInScene();
    for (let i = 0; i < 5; i++) await attempt(WRONG);
    expect((await attempt(RIGHT)).status).toBe(429);
    expect(await attempt({ authorization: basic(user, 'right'), address })).toMatchObject({ status: 200, left: 5 });
  });

  it('are counted by the /64 of an IPv6 address', async () => {
    const { attempt } = createLogInScene();
    for (let i = 0; i < 5; i++) await attempt({ ...WRONG, address: `2001:db8::${i}` });
    expect((await attempt({ ...RIGHT, address: '2001:db8::ffff' })).status).toBe(429);
    expect((await attempt({ ...RIGHT, address: '2001:db8:0:1::1' })).status).toBe(200);
  });

  it('from many places slow down where the user has not logged in yet, and shut nobody out', async () => {
    const { attempt, waits, time } = createLogInScene();
    await attempt({ ...RIGHT, address: '198.51.100.200' });
    for (let i = 0; i < 20; i++) await attempt({ ...WRONG, address: `198.51.100.${i}` });
    expect(waits).toEqual([]);
    expect(await attempt({ ...RIGHT, address: '198.51.100.200' })).toMatchObject({ status: 200 });
    expect(waits).toEqual([]);
    expect(await attempt({ ...RIGHT, address: '203.0.113.1' })).toMatchObject({ status: 200 });
    expect(waits).toEqual([5_000]);
    expect(await attempt({ authorization: basic('kim', 'right'), address: '203.0.113.1' })).toMatchObject({
      status: 200,
    });
    time.now += 5_000;
    expect(await attempt({ ...RIGHT, address: '203.0.113.9' })).toMatchObject({ status: 200 });
    expect(waits).toEqual([5_000]);
  });

  it('that stand in line for a user are four at most; then it is said when to come again', async () => {
    const { attempt, waits } = createLogInScene();
    for (let i = 0; i < 24; i++) await attempt({ ...WRONG, address: `198.51.100.${i}` });
    expect(waits).toEqual([5_000, 10_000, 15_000, 20_000]);
    const { response, left } = await attempt({ ...RIGHT, address: '203.0.113.1' });
    expect([response.status, left, response.headers.get('retry-after')]).toEqual([429, 0, '5']);
    expect(response.headers.get('x-ratelimit-limit')).toBe('20');
    expect(response.headers.get('x-ratelimit-reset')).toBe(`${NOW / 1000 + 5}`);
  });

  it('of many users from one place slow down those who have not logged in from there yet', async () => {
    const { attempt, waits } = createLogInScene();
    await attempt(RIGHT);
    for (let i = 0; i < 50; i++) await attempt({ authorization: basic(`user${i}`, 'wrong') });
    expect(waits).toEqual([]);
    expect((await attempt(RIGHT)).status).toBe(200);
    expect(waits).toEqual([]);
    expect((await attempt({ authorization: basic('kim', 'right') })).status).toBe(200);
    expect(waits).toEqual([5_000]);
    expect((await attempt({ authorization: basic('lee', 'right'), address: '203.0.113.1' })).status).toBe(200);
    expect(waits).toEqual([5_000]);
  });

  it('that are refused cost nobody any', async () => {
    const { attempt, waits } = createLogInScene();
    for (let i = 0; i < 100; i++) await attempt(WRONG);
    expect(await attempt({ ...WRONG, address: '203.0.113.1' })).toMatchObject({ status: 401, left: 4 });
    expect(await attempt({ authorization: basic('kim', 'wrong') })).toMatchObject({ status: 401, left: 4 });
    expect(waits).toEqual([]);
  });

  it('can\u2019t be made to come from elsewhere by a header, unless a trusted proxy sends it', async () => {
    const spoofed = (i: number) => ({
      ...WRONG,
      headers: { 'x-forwarded-for': `198.51.100.${i}` },
    });
    const plain = createLogInScene();
    for (let i = 0; i < 5; i++) await plain.attempt(spoofed(i));
    expect((await plain.attempt(spoofed(6))).status).toBe(429);
    const behindProxy = createLogInScene({ trustedProxies: ['192.0.2.1'] });
    for (let i = 0; i < 10; i++) expect((await behindProxy.attempt(spoofed(i))).status).toBe(401);
  });

  it('that run at the same time are no way around', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const logIn = vi.fn(async () => {
      await held;
      return 'refused' as const;
    });
    const { attempt } = createLogInScene({ logIn });
    const running = Array.from({ length: 20 }, () => attempt(WRONG));
    release();
    const statuses = (await Promise.all(running)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect(logIn).toHaveBeenCalledTimes(5);
  });

  it('are given back where nobody could say whether they were right', async () => {
    const { attempt, waits } = createLogInScene();
    const down = { authorization: basic('jm', 'down') };
    for (let i = 0; i < 60; i++) expect(await attempt(down)).toMatchObject({ status: 503, left: 5 });
    expect(await attempt(RIGHT)).toMatchObject({ status: 200, left: 5 });
    expect(waits).toEqual([]);
  });

  it('that the storage must not be asked about are answered at once, and cost none', async () => {
    const logIn = vi.fn(async () => ({ retryAt: NOW + 90_000 }));
    const { attempt, waits } = createLogInScene({ logIn });
    for (let i = 0; i < 60; i++) {
      const { response, left } = await attempt(RIGHT);
      expect([response.status, left, response.headers.get('retry-after')]).toEqual([429, 5, '90']);
      expect((await bodyOf(response)).detail).toBe(
        'too many log-ins have failed at this storage lately; the next one is possible in 90 s',
      );
    }
    expect(waits).toEqual([]);
  });

  it('say where they come from, and whether the user is known there', async () => {
    const { attempt, logIn } = createLogInScene();
    await attempt({ ...RIGHT, address: '2001:db8::7' });
    await attempt({ ...WRONG, address: '2001:db8::8' });
    await attempt({ ...WRONG, address: '192.0.2.9' });
    expect(logIn.mock.calls.map((call: readonly unknown[]) => call[2])).toEqual([
      { address: '2001:db8::7', network: '2001:db8:0:0::/64', isKnown: false },
      { address: '2001:db8::8', network: '2001:db8:0:0::/64', isKnown: true },
      { address: '192.0.2.9', network: '192.0.2.9', isKnown: false },
    ]);
  });

  it('that break down on our side are answered without a word of the password', async () => {
    const { attempt, logLines } = createLogInScene({ logIn: () => Promise.reject(new TypeError('out of order')) });
    const { response } = await attempt(RIGHT);
    expect(response.status).toBe(500);
    for (let i = 0; i < 6; i++) expect((await attempt(WRONG)).status).toBe(500);
    expect((await bodyOf(response)).instance).toBe(response.headers.get('x-request-id'));
    expect(logLines.join('')).not.toContain(RIGHT.authorization.slice(6));
  });
});

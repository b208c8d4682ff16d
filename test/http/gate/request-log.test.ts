import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, failingCatalogue } from '../api-scene.js';

const SECRET = 'SQLITE_CORRUPT in /var/lib/ovadex/ovadex.db';

interface LogLine {
  readonly level: number;
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly user?: string;
  readonly err?: { readonly message: string };
}

const parse = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as LogLine);
const [DEBUG, INFO, ERROR] = [20, 30, 50];

describe('a failure', () => {
  it.each([
    ['an unexpected error', new TypeError(SECRET), 500],
    ['an internal one', new OvadexError('internal', SECRET), 500],
    ['an unusable index', new OvadexError('index', SECRET), 503],
  ])('says nothing internal: %s', async (_, error, status) => {
    const scene = createApiScene({ catalogue: failingCatalogue(error) });
    const response = await scene.ask(await scene.tokenFor('jm'), '/v2/image');
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const text = await response.text();
    expect(text).not.toMatch(/SQLITE|ovadex\.db|TypeError|\.ts|at /);
    const [line, ...others] = parse(scene.logLines);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: ERROR, status, err: { message: SECRET } });
    expect(JSON.parse(text)).toMatchObject({ status, instance: line?.requestId });
  });

  it('of the token store is one, too, and lets nobody in', async () => {
    const scene = createApiScene({ verify: () => Promise.reject(new Error(SECRET)) });
    const response = await scene.ask('anything', '/v2/image');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('SQLITE');
  });

  it('that the caller can mend is told', async () => {
    const error = new OvadexError('conflict', 'the space is being synced');
    const requestSync = () => Promise.reject(error);
    const scene = createApiScene({ crawler: { ...createApiScene().crawler, requestSync } });
    await scene.addSpace('jm');
    const response = await scene.ask(await scene.tokenFor('jm'), '/v2/user/image/vm', { method: 'PATCH' });
    expect(response.status).toBe(409);
    expect((await bodyOf(response)).message).toBe('the space is being synced');
  });
});

describe('the request id', () => {
  const idFor = async (given?: string) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    return (await createApiScene().app.request('/livez', { headers })).headers.get('x-request-id');
  };

  it('is the client\u2019s own where that is sane', async () => {
    expect(await idFor('abc-1.2:3_4')).toBe('abc-1.2:3_4');
  });

  it.each([undefined, '', 'with space', 'a'.repeat(65), '{"a":1}', 'a,b'])('is made for %j', async (given) => {
    expect(await idFor(given)).toMatch(/^[\w-]{12}-1$/);
  });

  it('is on every answer and in its log line', async () => {
    const scene = createApiScene();
    const headers = { 'x-request-id': 'mine' };
    for (const path of ['/v2/image', '/nowhere', '/livez']) {
      expect((await scene.app.request(path, { headers })).headers.get('x-request-id')).toBe('mine');
    }
    expect(parse(scene.logLines).map(({ requestId }) => requestId)).toEqual(['mine', 'mine', 'mine']);
  });
});

describe('the log', () => {
  it('has one line a request: reads at debug, changes and refusals at info', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const token = await scene.tokenFor('jm');
    await scene.ask(token, '/v2/image?name=a');
    await scene.ask(token, '/v2/user/image/vm', { method: 'PATCH' });
    await scene.ask(token, '/v2/image?sort=color');
    await scene.app.request('/v2/image');
    const lines = parse(scene.logLines);
    expect(lines.map(({ level, method, path, status, user }) => [level, method, path, status, user])).toEqual([
      [DEBUG, 'GET', '/v2/image', 200, 'jm'],
      [INFO, 'PATCH', '/v2/user/image/vm', 202, 'jm'],
      [INFO, 'GET', '/v2/image', 400, 'jm'],
      [INFO, 'GET', '/v2/image', 401, undefined],
    ]);
    for (const { durationMs } of lines) expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  it('never holds a token, good or bad, nor a query', async () => {
    const scene = createApiScene();
    const token = await scene.tokenFor('jm');
    const bad = `ovx_${'b'.repeat(43)}`;
    const basic = Buffer.from(`${token}:`).toString('base64');
    await scene.ask(token, `/v2/image?access_token=${token}`);
    await scene.ask(token, `/v2/image?sort=${token}`);
    await scene.ask(bad, '/v2/image');
    await scene.ask(token, '/v2/admin/space');
    await scene.app.request('/v2/image', { headers: { authorization: `Basic ${basic}` } });
    const failing = createApiScene({ catalogue: failingCatalogue(new Error('broken')) });
    const failingToken = await failing.tokenFor('jm');
    await failing.ask(failingToken, '/v2/image');
    const log = [...scene.logLines, ...failing.logLines].join('');
    expect(parse([...scene.logLines, ...failing.logLines])).toHaveLength(6);
    for (const secret of [token, bad, basic, failingToken, 'access_token']) expect(log).not.toContain(secret);
  });
});

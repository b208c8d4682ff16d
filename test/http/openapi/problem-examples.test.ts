import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Administration } from '../../../src/domain/ports/administration.js';
import { PROBLEMS, type ProblemName } from '../../../src/http/openapi/definitions-problems.js';
import { answerClientError } from '../../../src/http/server/unparsed-request.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { administrationOver, type Body, createApiScene } from '../api-scene.js';

const TOO_LONG = 'x'.repeat(20_000);
const basic = { authorization: `Basic ${Buffer.from('jm:wrong').toString('base64')}` };

type Overrides = Parameters<typeof createApiScene>[0];

async function asked(
  path: string,
  { as, overrides, ...init }: RequestInit & { as?: 'user' | 'admin' | 'hint'; overrides?: Overrides },
) {
  const scene = createApiScene(overrides);
  if (as === undefined) return await scene.app.request(path, init);
  return await scene.ask(await scene.tokenFor('jm', as === 'user' ? [] : [as]), path, init);
}

/** The answer to a request that Node's parser refuses with this code. */
async function unread(code: string, packet?: string) {
  const socket = new PassThrough();
  const rawPacket = packet === undefined ? {} : { rawPacket: Buffer.from(packet) };
  answerClientError(Object.assign(new Error(code), { code, ...rawPacket }), socket, pino({ level: 'silent' }));
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return new Response(body, { status: Number(head.split(' ')[1]) });
}

/** The answer to what an administrator asks a daemon to do. */
const administered = (path: string, given: Partial<Administration>) =>
  asked(path, {
    ...{ as: 'admin', method: 'POST' },
    overrides: {
      administration: administrationOver(
        createMemoryIndex(() => 0),
        undefined,
        given,
      ),
    },
  });

const logIn = (init: RequestInit, overrides: Overrides = {}) =>
  asked('/auth/request-token', { method: 'POST', overrides, ...init });

const ANSWERED: Readonly<Record<ProblemName, () => Promise<Response>>> = {
  BadRequest: () => asked('/v2/image?sort=age', { as: 'user' }),
  Unauthorized: () => asked('/v2/image', { headers: { authorization: 'Bearer nobody' } }),
  Forbidden: () => asked('/v2/admin/space', { as: 'user' }),
  HintScopeMissing: () => asked('/v2/hint', { as: 'user', method: 'POST', body: '[]' }),
  TokenNotMade: () => asked('/v2/user/token', { as: 'user', method: 'POST', body: '{}' }),
  NotFound: () => asked('/v2/image/7', { as: 'user' }),
  RequestTimeout: () => unread('ERR_HTTP_REQUEST_TIMEOUT'),
  async Conflict() {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const id = await scene.sync('jm', []);
    return await scene.ask(await scene.tokenFor('jm', ['admin']), `/v2/admin/request/${id}`, { method: 'DELETE' });
  },
  Gone: () => asked('/v2/image/changes?since=6f3a0c9e1b2d-1-9', { as: 'user' }),
  ContentTooLarge: () => asked('/v2/admin/sync', { as: 'admin', method: 'POST', body: TOO_LONG }),
  HintsTooLarge: () => asked('/v2/hint', { as: 'hint', method: 'POST', body: 'x'.repeat(70_000) }),
  UriTooLong: () => unread('HPE_HEADER_OVERFLOW', `GET /${TOO_LONG}`),
  async TooManyRequests() {
    const scene = createApiScene({ requestLimit: { requests: 1, windowMs: 60_000 } });
    const token = await scene.tokenFor('jm');
    await scene.ask(token, '/v2/user');
    return await scene.ask(token, '/v2/user');
  },
  ConfigurationRefused: () =>
    administered('/v2/admin/reload', {
      reload: async () => ({
        state: 'refused',
        reason: '/config/ovadex.yaml:3:11: crawl.spacesAtOnce: must be a whole number from 1 to 64',
      }),
    }),
  NoBackup: () =>
    administered('/v2/admin/backup', {
      backUp: async () => ({
        ...{ state: 'failed', name: 'ovadex-20261124T100000000Z.db', startedAt: 0 },
        reason: '/data/ovadex/backups: there is no room for a copy of the index: 20 MB are free, it needs 40 MB',
      }),
    }),
  HeadersTooLarge: () => unread('HPE_HEADER_OVERFLOW'),
  InternalError: () =>
    asked('/v2/image', { as: 'user', overrides: { verify: () => Promise.reject(new Error('a bug')) } }),
  Unavailable: () =>
    asked('/v2/image', { as: 'user', overrides: { verify: () => Promise.reject(new OvadexError('unavailable', '')) } }),
  BadLogIn: () => logIn({ body: '{"otp":"123456"}' }),
  LogInRefused: () => logIn({ headers: basic }),
  LogInTooLarge: () => logIn({ body: TOO_LONG }),
  async TooManyTries() {
    const { app } = createApiScene();
    const attempt = () => app.request('/auth/request-token', { method: 'POST', headers: basic });
    for (let n = 0; n < 5; n++) await attempt();
    return await attempt();
  },
  LogInUnavailable: () => logIn({ headers: basic }, { logIn: async () => 'unavailable' }),
};

/** Their numbers are those of a request and of a setting. */
const NUMBERED: readonly string[] = ['Conflict', 'TooManyRequests'];

describe('the example of the problem', () => {
  it.each(Object.entries(PROBLEMS))('%s is what the API says', async (name, { example }) => {
    const response = await ANSWERED[name as ProblemName]();
    const { detail, errors } = (await response.json()) as Body;
    const shown = (text: string) => (NUMBERED.includes(name) ? text.replace(/\d+/g, 'n') : text);
    expect(response.status).toBe(example.status);
    expect(shown(detail)).toBe(shown(example.detail));
    if ('errors' in example) expect(errors).toEqual(example.errors);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { createApiScene } from '../http/api-scene.js';
import { type Answered, createAnswerCheck, type Document } from './documented-answers.js';

const HEADERS = {
  'content-type': 'application/json',
  'x-request-id': 'a-1',
  'cache-control': 'private, no-cache',
  vary: 'Authorization, Accept-Encoding',
};
const PONG = {
  _links: { api: 'https://example.org/v2/', self: 'https://example.org/v2/ping' },
  data: { message: 'pong' },
  meta: { time: '0.00012s' },
};

describe('the check of an answer', () => {
  let check: (answered: Answered) => void;
  beforeAll(async () => {
    const response = await createApiScene().app.request('/openapi.json');
    check = createAnswerCheck((await response.json()) as Document);
  });
  const pinged = (change: Partial<Answered> = {}, headers: Record<string, string> = {}) => {
    const all = new Headers({ ...HEADERS, ...headers });
    return () =>
      check({ method: 'GET', path: '/v2/ping', status: 200, headers: all, body: JSON.stringify(PONG), ...change });
  };
  const withBody = (body: object) => pinged({ body: JSON.stringify(body) });

  it('lets pass what is documented', () => {
    expect(pinged()).not.toThrow();
  });

  it.each([
    ['a line of a stack', new Error('no').stack ?? ''],
    ['a place in the code', 'in server.js:10:20'],
    ['a word of SQLite', 'database or disk is full (SQLITE_FULL)'],
    ['SQL', 'near "SELECT id FROM spaces WHERE"'],
    ['a path of the machine', "can't read '/etc/ovadex/dav.password'"],
    ['an error of the system', 'EACCES: permission denied'],
    ['a file of the daemon', 'ovadex.db is locked'],
  ])('finds %s in whatever part of an answer', (what, text) => {
    const problem = { title: 'Bad', status: 400, type: 'about:blank', instance: 'a', error: 'Bad', errors: [] };
    const answer = { method: 'GET', path: '/nothing', status: 404 };
    const headers = new Headers({ 'content-type': 'application/problem+json' });
    const body = JSON.stringify({ ...problem, detail: text, message: text }, null, 1).replaceAll('\\n', '\n');
    expect(() => check({ ...answer, headers, body })).toThrow(`tells of the machine behind it: ${what}`);
    expect(pinged({}, { 'x-request-id': text.replaceAll('\n', ' ') })).toThrow('tells of the machine behind it');
  });

  it.each<[what: string, answered: () => () => void, why: RegExp]>([
    ['an unknown property', () => withBody({ ...PONG, data: { message: 'pong', more: 1 } }), /additional properties/],
    ['a missing property', () => withBody({ ...PONG, meta: {} }), /must have required property 'time'/],
    [
      'a value of another kind',
      () => withBody({ ...PONG, data: { message: 'ping' } }),
      /must be equal to (constant|one of)/,
    ],
    ['an unknown status', () => pinged({ status: 418 }), /the status is not documented/],
    ['another media type', () => pinged({}, { 'content-type': 'text/plain' }), /text\/plain is not documented/],
    ['an unknown header', () => pinged({}, { 'x-powered-by': 'us' }), /not documented: x-powered-by/],
    ['a bad header', () => pinged({}, { 'cache-control': 'MAYBE' }), /Cache-Control is not as documented/],
    ['a body to HEAD', () => pinged({ method: 'HEAD' }), /has a body/],
    ['an unknown path', () => pinged({ path: '/v2/pong' }), /no such path/],
    ['an unknown method', () => pinged({ method: 'DELETE' }), /no such operation/],
  ])('finds %s', (_, answered, why) => {
    expect(answered()).toThrow(why);
  });

  it('finds a header that is missing', () => {
    const { 'x-request-id': _id, ...rest } = HEADERS;
    expect(pinged({ headers: new Headers(rest) })).toThrow(/lacks the header X-Request-Id/);
  });
});

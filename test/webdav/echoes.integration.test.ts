import { describe, expect, test } from 'vitest';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import type { Credentials } from '../../src/domain/model/space.js';
import { blot } from '../../src/domain/text/blot.js';
import { secretsOf, sentSecrets } from '../../src/webdav/transport/secrets.js';
import { emptyListing, httpAnswer, startRawPort } from '../support/raw-port.js';
import { createTestWebdav, failureOf, NEVER, openAt } from './open-store.js';

const PASSWORD = 'h4nter/2 "x" ü&9';
const API_KEY = 'key-4711-abcdef';
const headerIn = (request: string, name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(request)?.[1] ?? '';
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const xml = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
/** Bytes of UTF-8, as a raw port takes them. */
const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const sabre = (message: string) =>
  `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>A</s:exception><s:message>${message}</s:message></d:error>`;

/** How a storage may repeat a text. */
const ANSWERS: Readonly<Record<string, (echo: string) => string>> = {
  'as it came': (echo) => echo,
  'in its phrase': (echo) => httpAnswer(`400 No: ${echo}`, ''),
  'as its phrase': (echo) => httpAnswer(`500 ${echo}`, ''),
  'in what it says': (echo) => httpAnswer('503 Service Unavailable', sabre(xml(echo))),
  'in a long text': (echo) => httpAnswer('503 Service Unavailable', sabre(`${'x'.repeat(190)}${xml(echo)}`)),
  'at the end of what is read': (echo) =>
    httpAnswer('503 Service Unavailable', sabre(`${' '.repeat(900)}${xml(echo)}${'y'.repeat(900)}`)),
  'in plain text': (echo) => httpAnswer('400 Bad Request', `bad header: ${echo}`, ['Content-Type: text/plain']),
  'in a redirect': (echo) =>
    httpAnswer('302 Found', '', [
      `Location: https://${encodeURIComponent(echo)}@elsewhere/${encodeURIComponent(echo)}/?a=${encodeURIComponent(echo)}`,
    ]),
  'as a scheme': (echo) => httpAnswer('401 Unauthorized', '', [`WWW-Authenticate: ${echo}`]),
  'as a realm': (echo) =>
    httpAnswer('401 Unauthorized', '', [`WWW-Authenticate: Basic realm="${echo.replaceAll('"', '\\"')}"`]),
  'as a type': (echo) => httpAnswer('200 OK', '', [`Content-Type: ${echo}`]),
  'as a coding': (echo) => httpAnswer('207 Multi-Status', '{}', [`Content-Encoding: ${echo}`]),
  'as an error in place of a listing': (echo) => httpAnswer('207 Multi-Status', sabre(xml(echo))),
  'as the name of a document': (echo) => httpAnswer('207 Multi-Status', `<a:b xmlns:a="${xml(echo)}"/>`),
  'in an href': (echo) =>
    httpAnswer('207 Multi-Status', emptyListing(`http://jm:${xml(echo)}@elsewhere/${xml(encodeURIComponent(echo))}`)),
  'behind a listing': (echo) => httpAnswer('207 Multi-Status', `${emptyListing('/')}${echo}`),
};

const ACCOUNTS: Readonly<Record<string, Credentials>> = {
  basic: { type: 'basic', username: 'jm', password: PASSWORD },
  'basic without a password': { type: 'basic', username: 't0ken-of-jm', password: '' },
  bearer: { type: 'bearer', token: 'b3arer.t0ken-x' },
};

/** Texts of a request that a storage may repeat, in every way of writing that was seen. */
const echoesOf = (request: string) => {
  const authorization = headerIn(request, 'authorization');
  const decoded = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString('utf8');
  const key = headerIn(request, 'x-api-key');
  const plain = authorization.startsWith('Basic ') ? [decoded, decoded.replace(/^jm:/, '')] : [];
  const forms = plain.flatMap((text) => [bytes(text), encodeURIComponent(text), bytes(json(text)), bytes(xml(text))]);
  return [
    `Authorization: ${authorization}`,
    authorization.replace(/^\w+ /, ''),
    key,
    encodeURIComponent(authorization),
    ...forms,
  ];
};

describe('a storage that repeats what it was sent tells nobody', () => {
  for (const [account, auth] of Object.entries(ACCOUNTS)) {
    test.for(Object.entries(ANSWERS))(`${account}, %s`, async ([, answer]) => {
      let request = '';
      let at = 0;
      const { url } = await startRawPort((text) => {
        request = text;
        return answer(echoesOf(text)[at] ?? '');
      });
      const connection = { headers: { 'X-Api-Key': API_KEY }, tls: null, proxy: null };
      const webdav = createTestWebdav({ retries: false });
      const store = openAt(url, { webdav, auth, connection });
      const secrets = [
        ...(auth.type === 'basic' ? [auth.password === '' ? auth.username : PASSWORD] : ['b3arer.t0ken-x']),
        API_KEY,
      ];
      for (at = 0; at === 0 || at < echoesOf(request).length; at++) {
        const { detail } = failureOf(await store.list(ROOT, NEVER));
        const told = detail.replace(/^PROPFIND \S+ with Depth 1: /, '');
        const sent = headerIn(request, 'authorization').replace(/^\w+ /, '');
        for (const secret of [...secrets, sent]) {
          for (const part of [secret, bytes(secret), encodeURIComponent(secret), json(secret), xml(secret)]) {
            expect(told).not.toContain(part);
            // Nor as much of it as helps to guess the rest.
            expect(told).not.toContain(part.slice(0, 8));
          }
        }
      }
    });
  }

  test('in what it says of itself', async () => {
    const { url } = await startRawPort((request) =>
      httpAnswer('200 OK', '', [
        'DAV: 1, 2',
        `Server: x ${headerIn(request, 'authorization')} (${headerIn(request, 'x-api-key')})`,
      ]),
    );
    const connection = { headers: { 'X-Api-Key': API_KEY }, tls: null, proxy: null };
    const auth: Credentials = { type: 'bearer', token: 'b3arer.t0ken-x' };
    const about = await createTestWebdav().describe({ url, auth, connection }, NEVER);
    expect(about).toEqual({ classes: ['1', '2'], server: 'x [hidden] ([hidden])' });
  });

  test('of a folder that has the password in its name, which stays as it is', async () => {
    const { url } = await startRawPort((request) => httpAnswer(`403 ${headerIn(request, 'x-api-key')}`, ''));
    const connection = { headers: { 'X-Api-Key': 'images' }, tls: null, proxy: null };
    const { detail } = failureOf(await openAt(url, { connection }).list('images' as ResourcePath, NEVER));
    expect(detail).toBe(`PROPFIND ${url}images/ with Depth 1: answered 403 [hidden]; expected 207 Multi-Status`);
  });
});

describe('the secrets', () => {
  test('of a space are its password, tokens, headers and the proxy’s account, in base64 too', () => {
    const secrets = secretsOf({
      auth: { type: 'basic', username: 'jm', password: 'pass>>word??' },
      headers: { 'X-Api-Key': 'Token abc-def' },
      proxy: { url: 'http://proxy/', credentials: { username: 'me', password: 'pr0xy' } },
    });
    const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
    const wanted = [
      'pass>>word??',
      base64('pass>>word??'),
      base64('jm:pass>>word??'),
      'abc-def',
      'pr0xy',
      base64('me:pr0xy'),
    ];
    expect(secrets).toEqual(expect.arrayContaining(wanted));
    expect(secrets).toContain(Buffer.from('pass>>word??').toString('base64url'));
  });

  test('are not the name of an account, which an administrator wants to see', () => {
    const auth = { type: 'basic', username: 'service-of-jm', password: 'hunter2' } as const;
    const secrets = secretsOf({ auth, headers: {}, proxy: null });
    expect(blot('service-of-jm:hunter2 has no rights', secrets)).toBe('service-of-jm:[hidden] has no rights');
  });

  test('of a request are what it proves itself by', () => {
    const digest = 'Digest username="jm", response="0123456789abcdef", cnonce="x"';
    expect(sentSecrets({ Authorization: digest, Cookie: 'a=first; b=second', Depth: '1' })).toEqual(
      expect.arrayContaining(['0123456789abcdef', 'first', 'second', digest]),
    );
    expect(sentSecrets({ Depth: '1', 'User-Agent': 'ovadex' })).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ListingFailure } from '../../src/domain/model/listing.js';
import { ROOT } from '../../src/domain/model/path.js';
import { startScriptedServer } from '../support/servers/scripted-server.js';
import { createTestWebdav, failureOf, NEVER, openAt } from './open-store.js';

const XML = { 'Content-Type': 'application/xml; charset=utf-8' };
const sabre = (exception: string, message: string, more = '') =>
  `<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n  <s:exception>${exception}</s:exception>\n  <s:message>${message}</s:message>${more}\n</d:error>\n`;

async function refusedWith(status: number, headers: Record<string, string>, body: string | Uint8Array) {
  const { url, requests } = await startScriptedServer(() => ({ status, headers, body: Buffer.from(body) }));
  const store = openAt(url, { webdav: createTestWebdav({ retries: false }) });
  const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
  const probe = await store.probe(ROOT, NEVER);
  return { failure, said: detail.replace(/^.* with Depth 1: /, ''), probe, requests: requests.length };
}

describe('a refusal says in the storage’s own words', () => {
  const MAINTENANCE = sabre('OCA\\DAV\\Exception\\ServerMaintenanceMode', 'System is in maintenance mode.');
  const SAID = ': "System is in maintenance mode." (OCA\\DAV\\Exception\\ServerMaintenanceMode)';
  const TRACE = `<s:file>${'x'.repeat(100_000)}</s:file>`;
  test.for([
    ['what sabre says', XML, MAINTENANCE, SAID],
    ['the same with another prefix', XML, MAINTENANCE.replace(/\bs([:=])(?="|e|m)/g, 'sabre$1'), SAID],
    ['the same in gzip', { ...XML, 'Content-Encoding': 'gzip' }, gzipSync(MAINTENANCE), SAID],
    ['the same without a type', {}, MAINTENANCE, SAID],
    ['the same with a trace', XML, sabre('A\\B', 'no', TRACE), ': "no" (A\\B)'],
    ['no more than a line', XML, sabre('A', 'x'.repeat(5_000)), `: "${'x'.repeat(200)}…" (A)`],
    ['in one line', XML, sabre('A', '\n a\n\tb &amp; &lt;c&gt; \u202e \u0085'), ': "a b & <c> \\u{202e} \\u{85}" (A)'],
    ['no class that is none', XML, sabre('see http://evil/', 'no'), ': "no"'],
    ['nothing where nothing is said', XML, sabre('', ' '), ''],
    [
      'what Subversion says',
      XML,
      '<D:error xmlns:D="DAV:" xmlns:m="http://apache.org/dav/xmlns"><m:human-readable errcode="1">Locked</m:human-readable></D:error>',
      ': "Locked"',
    ],
    ['a short plain text', { 'Content-Type': 'text/plain' }, 'Backend is being moved\n', ': "Backend is being moved"'],
    ['no plain text that repeats the phrase', { 'Content-Type': 'text/plain' }, 'service unavailable', ''],
    ['no page of plain text', { 'Content-Type': 'text/plain' }, 'Sorry\n\nWe are down', ''],
    ['no HTML', { 'Content-Type': 'text/html' }, '<html><s:message>no</s:message></html>', ''],
    ['no HTML as plain text', { 'Content-Type': 'text/plain' }, 'We are <b>down</b>', ''],
    ['no document type', XML, `<!DOCTYPE a [<!ENTITY b "c">]>${MAINTENANCE.replace(/^.*\n/, '')}`, ''],
    ['no words of another document', XML, MAINTENANCE.replaceAll('DAV:', 'urn:other'), ''],
    [
      'no words that lie elsewhere in it',
      XML,
      '<error xmlns="DAV:"><a><message xmlns="http://sabredav.org/ns">no</message></a></error>',
      '',
    ],
    ['nothing of bytes that are none of this', XML, Buffer.from([0x1f, 0x8b, 0, 0, 60]), ''],
    ['nothing of gzip that is none', { ...XML, 'Content-Encoding': 'gzip' }, MAINTENANCE, ''],
  ] as const)('%s', async ([, headers, body, said]) => {
    const answer = await refusedWith(503, { ...headers }, body);
    expect(answer.said).toBe(`answered 503 Service Unavailable${said}; expected 207 Multi-Status`);
    expect(answer.failure).toBe(said === SAID ? 'maintenance' : 'status');
  });

  test.for([
    ['as recorded', {}, readFileSync(new URL('../fixtures/nextcloud/maintenance.xml', import.meta.url)), 'maintenance'],
    ['by a header', { 'X-Nextcloud-Maintenance-Mode': '1' }, 'Down', 'maintenance'],
    ['by a header that denies it', { 'X-Nextcloud-Maintenance-Mode': '0' }, 'Down', 'status'],
    ['by the words of another class', XML, sabre('X\\NoServerMaintenanceMode', 'in maintenance mode'), 'status'],
  ] as const)(
    'that the server is in maintenance mode, which is asked about once: %s',
    async ([, headers, body, failure]) => {
      const answer = await refusedWith(503, { ...headers }, body);
      expect([answer.failure, answer.probe.failure, answer.probe.presence]).toEqual([failure, failure, 'unknown']);
      expect(answer.requests).toBe(2);
    },
  );

  test('that it is in maintenance mode, also to a crawl, which neither repeats its requests nor slows down', async () => {
    const body = readFileSync(new URL('../fixtures/nextcloud/maintenance.xml', import.meta.url));
    const { url, requests } = await startScriptedServer(() => ({ status: 503, headers: XML, body }));
    const webdav = createTestWebdav();
    const store = openAt(url, { webdav });
    for (let n = 0; n < 3; n++) expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('maintenance');
    expect([requests.length, webdav.waits]).toEqual([3, []]);
  });

  test.for([429, 503, 509])(
    'that it has too much to do, which a probe calls so after one request: %i',
    async (status) => {
      const { url, requests } = await startScriptedServer(() => ({ status }));
      const store = openAt(url, { webdav: createTestWebdav({ retries: false, isProbing: true }) });
      expect((await store.probe(ROOT, NEVER)).failure).toBe('busy');
      expect(requests).toHaveLength(1);
    },
  );

  test.for([
    ['OC\\User\\DisabledUserException: Account disabled', 'Sabre\\DAV\\Exception\\ServiceUnavailable'],
    ['OC\\User\\DisabledUserException: Konto deaktiviert', 'Sabre\\DAV\\Exception\\ServiceUnavailable'],
    ['nothing', 'OC\\User\\DisabledUserException'],
    ['User disabled', 'Sabre\\DAV\\Exception\\ServiceUnavailable'],
  ] as const)('that the account is disabled, which refuses the credentials: %s', async ([message, exception]) => {
    const { failure, said } = await refusedWith(503, XML, sabre(exception, message));
    expect(failure).toBe('unauthorized');
    expect(said).toContain(message);
  });

  test('once only, where the account is disabled', async () => {
    const body = Buffer.from(sabre('A', 'OC\\User\\DisabledUserException: Account disabled'));
    const { url } = await startScriptedServer(() => ({ status: 503, headers: XML, body }));
    expect((await openAt(url, {}).list(ROOT, NEVER)).requests).toBe(1);
  });

  test('and not of a page that has these words', async () => {
    const { failure } = await refusedWith(503, { 'Content-Type': 'text/html' }, '<p>Account disabled</p>');
    expect(failure).toBe('status');
  });

  test('that it sent a listing under the wrong status', async () => {
    const { failure, said } = await refusedWith(200, XML, '<D:multistatus xmlns:D="DAV:"><D:response>');
    expect(failure).toBe('status');
    expect(said).toBe(
      'answered 200 OK with application/xml; charset=utf-8: a multistatus, which is valid only with status 207; check whether a proxy changes the status; expected 207 Multi-Status',
    );
  });
});

describe('an error in place of a listing, under status 207', () => {
  const NOT_FOUND = sabre('Sabre\\DAV\\Exception\\NotFound', "File with name 'd1' could not be located");
  const cases: readonly (readonly [string, string, ListingFailure, 'absent' | 'unknown'])[] = [
    ['says that it is not found', NOT_FOUND, 'not-found', 'absent'],
    ['in another class', sabre('OCP\\Files\\NotFoundException', 'no'), 'not-found', 'absent'],
    ['of files', sabre('OCA\\DAV\\Connector\\Sabre\\Exception\\FileNotFound', 'no'), 'not-found', 'absent'],
    ['in blanks', sabre('\n Sabre\\DAV\\Exception\\NotFound\n ', 'no'), 'not-found', 'absent'],
    [
      'says that a property is not found',
      sabre('Sabre\\DAV\\Exception\\PropertyNotFound', 'no'),
      'not-multistatus',
      'unknown',
    ],
    ['says so in its message alone', sabre('Sabre\\DAV\\Exception', 'NotFound'), 'not-multistatus', 'unknown'],
    ['says something else', sabre('OCP\\Files\\StorageNotAvailableException', 'no'), 'not-multistatus', 'unknown'],
    ['says that it is forbidden', sabre('Sabre\\DAV\\Exception\\Forbidden', 'no'), 'forbidden', 'unknown'],
    ['says that nobody is known', sabre('Sabre\\DAV\\Exception\\NotAuthenticated', 'no'), 'unauthorized', 'unknown'],
    ['says nothing', '<d:error xmlns:d="DAV:"/>', 'not-multistatus', 'unknown'],
    ['has not come whole', NOT_FOUND.replace('</d:error>', ''), 'truncated', 'unknown'],
    ['is of another namespace', NOT_FOUND.replace('"DAV:"', '"urn:x"'), 'not-multistatus', 'unknown'],
    [
      'has its words elsewhere',
      NOT_FOUND.replace(/<s:exception>.*<\/s:exception>/, '<d:a>$&</d:a>'),
      'not-multistatus',
      'unknown',
    ],
  ];
  test.for(cases)('%s', async ([, body, failure, presence]) => {
    const answer = await refusedWith(207, XML, body);
    expect(answer).toMatchObject({ failure, probe: { presence, failure } });
  });

  test('is told in its words', async () => {
    const { said } = await refusedWith(207, XML, NOT_FOUND);
    expect(said).toBe(
      'answered 207 with an error in place of a listing: "File with name \'d1\' could not be located" (Sabre\\DAV\\Exception\\NotFound)',
    );
  });
});

const collection = (href: string) =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat></D:response>`;

test('the name of a document and an entry can steer no terminal', async () => {
  const odd = 'a\u202eb\u0085c';
  const { said } = await refusedWith(207, XML, `<x xmlns="${odd}"/>`);
  expect(said).toBe('the document is a {a\\u{202e}b\\u{85}c}x, not a {DAV:}multistatus');
  const body = `<D:multistatus xmlns:D="DAV:">${['/', `/x/${odd}/y`].map(collection).join('')}</D:multistatus>`;
  const { url } = await startScriptedServer(() => ({ status: 207, headers: XML, body: Buffer.from(body) }));
  const { verdict, misfits } = await openAt(url, { webdav: createTestWebdav() }).list(ROOT, NEVER);
  expect(verdict).toEqual({ complete: true });
  expect(misfits).toEqual([expect.stringContaining('a\\u{202e}b')]);
});

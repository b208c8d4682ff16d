import { describe, expect, test } from 'vitest';
import type { ListingFailure } from '../../src/domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import { createConnections } from '../../src/webdav/connections.js';
import { connectionFailure } from '../../src/webdav/failure/connection-failure.js';
import { ConnectionError } from '../../src/webdav/transport/connection-error.js';
import { createTransport, deadlineIn } from '../../src/webdav/transport/transport.js';
import { emptyListing, httpAnswer, type RawScript, startRawPort, targetOf } from '../support/raw-port.js';
import { failureOf, NEVER, openAt } from './open-store.js';

const LISTING = emptyListing('/');
const head = (...lines: string[]) => ['HTTP/1.1 207 Multi-Status', ...lines, '', LISTING].join('\r\n');
const LENGTH = `Content-Length: ${LISTING.length}`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

describe('an answer that is no HTTP fails its listing', () => {
  const cases: readonly (readonly [string, string | RawScript, ListingFailure, RegExp])[] = [
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n', 'malformed', /not HTTP \(Expected HTTP\//],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x0a', 'malformed', /not HTTP/],
    ['a mail server', '220 mail ESMTP\r\n', 'malformed', /not HTTP/],
    ['a database', 'J\x00\x00\x00\n8.0.36\x00', 'malformed', /not HTTP/],
    ['HTTP/0.9', LISTING, 'malformed', /not HTTP/],
    ['radio', 'ICY 200 OK\r\n\r\n', 'malformed', /not HTTP/],
    ['HTTP/2', '\x00\x00\x12\x04\x00\x00\x00\x00\x00', 'malformed', /not HTTP/],
    ['a version that nobody knows', 'HTTP/9.9 207 OK\r\n\r\n', 'malformed', /not HTTP/],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'malformed', /not HTTP/],
    ['lines that end in LF', head(LENGTH).replaceAll('\r', ''), 'malformed', /not HTTP \(.*CR/],
    ['a folded header', head('X: a', ' b', LENGTH), 'malformed', /not HTTP/],
    ['a folded header behind the length', head(LENGTH, 'X: a', ' b'), 'malformed', /not HTTP \(a header continues/],
    ['a blank in front of a colon', head('X : a', LENGTH), 'malformed', /not HTTP/],
    ['a blank in front of a colon behind the length', head(LENGTH, 'X : a'), 'malformed', /\(a blank stands/],
    ['a control character in a name', head('X\x01Y: a', LENGTH), 'malformed', /not HTTP/],
    ['a zero in a value', head(LENGTH, 'X: a\x00b'), 'malformed', /not HTTP \(.*control/],
    [
      'both ways to say where it ends',
      head(LENGTH, 'Transfer-Encoding: chunked'),
      'malformed',
      /not HTTP \(it has both/,
    ],
    ['the same, the other way round', head('Transfer-Encoding: chunked', LENGTH), 'malformed', /not HTTP/],
    ['the same length twice', head(LENGTH, LENGTH), 'malformed', /not HTTP \(it has more than one Content-Length/],
    ['two lengths', head(LENGTH, 'Content-Length: 3'), 'malformed', /not HTTP \(it has more than one Content-Length/],
    ['a length in words', head('Content-Length: many'), 'malformed', /not HTTP/],
    ['status 101', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'malformed', /101/],
    ['a head without an end', `HTTP/1.1 207 OK\r\nX: ${'y'.repeat(70_000)}`, 'too-large', /head is too long/],
    ['a first chunk that is none', head('Transfer-Encoding: chunked'), 'truncated', /malformed HTTP \(.*chunk size/],
    [
      'a second chunk that is none',
      { pieces: [head('Transfer-Encoding: chunked').replace(LISTING, chunk(LISTING.slice(0, 40))), 'zz\r\n'] },
      'truncated',
      /the body broke off: it continues with malformed HTTP/,
    ],
    ['nothing', '', 'unreachable', /UND_ERR_SOCKET/],
    ['half a status line', 'HTTP/1.1 20', 'unreachable', /UND_ERR_SOCKET|not HTTP/],
  ];
  test.for(cases)('%s', async ([, answer, failure, words]) => {
    const { url } = await startRawPort(() => answer);
    const auth = { type: 'basic', username: 'jm', password: 'hunter2x9' } as const;
    const listing = await openAt(url, { auth }).list(ROOT, NEVER);
    expect(failureOf(listing)).toMatchObject({ failure, detail: expect.stringMatching(words) as string });
    expect(failureOf(listing).detail).toMatch(/^PROPFIND http:\/\/127\.0\.0\.1:\d+\/ with Depth 1: [ -~’…]+$/);
    expect(listing.requests).toBeGreaterThan(failure === 'too-large' ? 0 : 1);
    expect(listing.requests).toBeLessThanOrEqual(4);
  });

  test('and no other', async () => {
    const { url } = await startRawPort((request) =>
      targetOf(request) === '/bad/' ? 'SSH-2.0\r\n' : httpAnswer('207 OK', emptyListing(targetOf(request))),
    );
    const store = openAt(url, {});
    const paths = ['a', 'bad', 'b'] as ResourcePath[];
    const listings = await Promise.all(paths.map((path) => store.list(path, NEVER)));
    expect(listings.map(({ verdict }) => verdict.complete)).toEqual([true, false, true]);
  });

  test('what stands behind a whole answer spoils neither it nor the next one', async () => {
    const { url } = await startRawPort((request) => ({
      pieces: [`${httpAnswer('207 OK', emptyListing(targetOf(request)))}HTTP/1.1 207 OK\r\n`, 'garbage\r\n\r\n'],
      isKept: true,
    }));
    const store = openAt(url, {});
    for (let n = 0; n < 5; n++) expect((await store.list(`c${n}` as ResourcePath, NEVER)).verdict.complete).toBe(true);
  });
});

describe('an interim answer that nobody asked for', () => {
  const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
  const OTHERS = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
  test.for([
    ['one', CONTINUE],
    ['several', CONTINUE.repeat(5)],
    ['of all kinds', `${OTHERS}${CONTINUE}${OTHERS}${CONTINUE}HTTP/1.1 199 Whatever\r\n\r\n`],
    ['with headers', 'HTTP/1.1 100 Continue\r\nServer: x\r\nContent-Length: 0\r\n\r\n'],
  ] as const)('is skipped: %s, whole, byte by byte, and on a kept connection', async ([, interim]) => {
    const { url } = await startRawPort((request) => {
      const answer = interim + httpAnswer('207 OK', emptyListing(targetOf(request)));
      const pieces = targetOf(request) === '/bytes/' ? [...answer] : [answer];
      return { pieces, isKept: true };
    });
    const store = openAt(url, {});
    for (const path of ['whole', 'bytes', 'again'] as ResourcePath[]) {
      const listing = await store.list(path, NEVER);
      expect(listing.verdict).toEqual({ complete: true });
      expect(listing.requests).toBe(1);
    }
  });
});

describe('an error', () => {
  const coded = (code: string, message = 'it failed') => Object.assign(new Error(message), { code });
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  const EPROTO =
    'write EPROTO 80DCA2F67E7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:354:\n';
  test.for([
    [
      'of undici’s parser',
      named('HTTPParserError', 'Response does not match the HTTP/1.1 protocol (Invalid header token)'),
      'malformed',
      'cut',
      'the answer is not HTTP (Invalid header token)',
    ],
    [
      'of a parser that has a code',
      coded('HPE_INVALID_CONSTANT', 'x (Expected HTTP/)'),
      'malformed',
      'cut',
      'the answer is not HTTP (Expected HTTP/, HPE_INVALID_CONSTANT)',
    ],
    [
      'of undici without a code',
      named('AssertionError', 'assert(!this.paused)'),
      'unreachable',
      'connection',
      'assert(!this.paused)',
    ],
    ['that nobody knows', named('NewUndiciError', ''), 'unreachable', 'connection', 'connection failed'],
    ['that is none', 'a text', 'unreachable', 'connection', 'connection failed'],
    ['with a code that nobody knows', coded('UND_ERR_NEW'), 'unreachable', 'permanent', 'it failed (UND_ERR_NEW)'],
    [
      'of a certificate',
      coded('CERT_HAS_EXPIRED', 'certificate has expired'),
      'unreachable',
      'permanent',
      'certificate has expired (CERT_HAS_EXPIRED)',
    ],
    [
      'of OpenSSL',
      coded('EPROTO', EPROTO),
      'unreachable',
      'permanent',
      'write EPROTO TLS: wrong version number: the server there does not speak TLS; perhaps the url must begin with http:// (EPROTO)',
    ],
    ['of a reset', coded('ECONNRESET', 'read ECONNRESET'), 'unreachable', 'connection', 'read ECONNRESET (ECONNRESET)'],
    ['of a name', coded('ENOTFOUND'), 'unreachable', 'permanent', 'it failed (ENOTFOUND)'],
    [
      'of several addresses',
      Object.assign(new AggregateError([new Error('connect to a'), new Error('connect to b')]), {
        code: 'ECONNREFUSED',
      }),
      'unreachable',
      'connection',
      'connect to a; connect to b (ECONNREFUSED)',
    ],
    [
      'of Brotli',
      coded('ERR__ERROR_FORMAT_PADDING_1', 'Decompression failed'),
      'malformed',
      'permanent',
      /^the compressed body can't be read: /,
    ],
    ['of gzip that ends early', coded('Z_BUF_ERROR', 'unexpected end of file'), 'truncated', 'cut', /broke off/],
    [
      'with lines of its own',
      coded('X', `a\nb\u202e\u0007${'c'.repeat(1_000)}`),
      'unreachable',
      'permanent',
      /^a b\\u\{202e\}\\u\{7\}c{200,}…$/,
    ],
  ] as const)('%s is a failure of its request', ([, reason, failure, kind, detail]) => {
    const failed = connectionFailure(new ConnectionError(reason), 'head');
    expect(failed).toMatchObject({ failure, trouble: { kind } });
    if (typeof detail === 'string') expect(failed.detail).toBe(detail);
    else expect(failed.detail).toMatch(detail);
  });

  test('that does not come from the connection is a mistake of ours, whatever it looks like', () => {
    for (const error of [new TypeError('x'), coded('ECONNRESET'), named('HTTPParserError', 'x')]) {
      expect(() => connectionFailure(error, 'body')).toThrow(error);
    }
  });

  test('of ours inside an answer comes out as it is', async () => {
    const { url } = await startRawPort(() => httpAnswer('207 OK', LISTING));
    const mistake = new TypeError('x is not a function');
    const connections = createConnections({ connectMs: 1_000, perHost: 1 });
    const timeouts = { firstByteMs: 1_000, silenceMs: 1_000, totalMs: 1_000 };
    const transport = createTransport(connections.of({ tls: null, proxy: null }), url.slice(0, -1), timeouts, []);
    const fail = () => {
      throw mistake;
    };
    const body = '<D:propfind></D:propfind>';
    const request = { method: 'PROPFIND', path: '/', headers: {}, body, deadline: deadlineIn(10_000) };
    await expect(transport({ ...request, readerOf: fail }, NEVER)).rejects.toBe(mistake);
    await expect(transport({ ...request, readerOf: () => ({ write: fail }) }, NEVER)).rejects.toBe(mistake);
    await connections.close();
  });
});

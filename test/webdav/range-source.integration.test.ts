import { describe, expect, onTestFinished, test } from 'vitest';
import type { RangeSource } from '../../src/domain/description/reading.js';
import type { ListedFile } from '../../src/domain/model/image.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Credentials } from '../../src/domain/model/space.js';
import type { WebdavOptions } from '../../src/webdav/client.js';
import { type DavServerOptions, startDavServer } from '../support/dav-server/dav-server.js';
import { createTestWebdav, NEVER } from './open-store.js';

const X = 'a b/x;1.ova' as ResourcePath;
const WRITTEN_AT = Date.UTC(2026, 10, 23);
/** No two places in it look alike for long. */
const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 251));
const UNKNOWN: ListedFile = { sizeBytes: null, etag: null, modifiedAt: null };

async function openFile(
  server: DavServerOptions = {},
  {
    content = CONTENT,
    auth = { type: 'none' },
    webdav: options = {},
    listed,
    signal = NEVER,
  }: {
    content?: Buffer;
    auth?: Credentials;
    webdav?: Partial<WebdavOptions>;
    listed?: Partial<ListedFile>;
    signal?: AbortSignal;
  } = {},
) {
  const dav = await startDavServer(server);
  onTestFinished(() => dav.close());
  dav.tree.put(X, { content, modifiedAt: WRITTEN_AT });
  const store = createTestWebdav(options).open({ url: dav.url, auth });
  const file = { sizeBytes: content.length, etag: null, modifiedAt: WRITTEN_AT, ...listed };
  const open = (): RangeSource => {
    const source = store.read(X, file, signal);
    onTestFinished(() => source.close());
    return source;
  };
  return { dav, open, source: open(), store };
}

const gets = (dav: Awaited<ReturnType<typeof openFile>>['dav']) =>
  dav.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers['range'] ?? 'all');
const bytesOf = (from: number, end: number) => Uint8Array.from(CONTENT.subarray(from, end));

describe('a file on a storage with ranges', () => {
  test('is read where it is asked for, uncompressed, and tells its size', async () => {
    const { dav, source } = await openFile();
    expect(await source.read(0, 32)).toEqual({ kind: 'bytes', bytes: bytesOf(0, 32), totalBytes: 200_000 });
    expect(await source.read(150_000, 150_010)).toMatchObject({ bytes: bytesOf(150_000, 150_010) });
    expect(gets(dav)).toEqual(['bytes=0-31', 'bytes=150000-150009']);
    expect(dav.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(source.cost()).toEqual({ requests: 2, bytes: 42 });
  });

  test('asks for more of the very same file, by the ETag of the first answer', async () => {
    const { dav, source } = await openFile();
    await source.read(0, 32);
    await source.read(32, 64);
    expect(dav.requests.map(({ headers }) => headers['if-range'])).toEqual([undefined, `"${dav.shownMarker(X).etag}"`]);
  });

  test('ends where it ends, which is not asked for again', async () => {
    const { dav, source } = await openFile();
    expect(await source.read(199_990, 210_000)).toMatchObject({ bytes: bytesOf(199_990, 200_000) });
    expect(await source.read(200_000, 210_000)).toEqual({
      kind: 'bytes',
      bytes: new Uint8Array(0),
      totalBytes: 200_000,
    });
    expect(gets(dav)).toHaveLength(1);
  });

  test('is empty without a request if it was listed so', async () => {
    const { dav, source } = await openFile({}, { content: Buffer.alloc(0) });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes', totalBytes: 0 });
    expect(dav.requests).toEqual([]);
  });

  test('tells its size by a 416 if nobody knew it', async () => {
    const { source } = await openFile({}, { listed: UNKNOWN });
    expect(await source.read(300_000, 300_010)).toMatchObject({ kind: 'bytes', totalBytes: 200_000 });
  });

  test('is gathered from a server that sends less at a time', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { partBytes: 20 });
    expect(await source.read(0, 50)).toMatchObject({ kind: 'bytes', bytes: bytesOf(0, 50) });
    expect(gets(dav)).toEqual(['bytes=0-49', 'bytes=20-49', 'bytes=40-49']);
    expect(await source.read(0, 1_000)).toMatchObject({ kind: 'failed', failure: 'truncated' });
  });

  test('is read with Digest, once for each part', async () => {
    const auth = { type: 'digest', username: 'jm', password: 'geheim' } as const;
    const { dav, source } = await openFile({ scheme: 'digest', auth }, { auth });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes' });
    expect(await source.read(32, 64)).toMatchObject({ kind: 'bytes' });
    expect(gets(dav)).toHaveLength(3);
  });

  test('keeps its connection for the next part and for listings', async () => {
    const { dav, source, store } = await openFile({}, { webdav: { requestsPerHost: 1 } });
    for (let at = 0; at < 5; at++) await source.read(at * 100, at * 100 + 100);
    await source.close();
    await store.list('' as ResourcePath, NEVER);
    expect(dav.connections).toBe(1);
  });
});

describe('a file on a storage that ignores ranges', () => {
  test('is read on the one connection as far as it is asked for, and no further', async () => {
    const content = Buffer.alloc(50_000_000, 7);
    const { dav, source } = await openFile({}, { content });
    dav.fault(X, { ignoresRanges: true });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes', totalBytes: content.length });
    const next = await source.read(32, 100_000);
    expect(next.kind === 'bytes' ? next.bytes.length : next).toBe(100_000 - 32);
    expect(await source.read(1_000_000, 1_000_100)).toEqual({ kind: 'unseekable' });
    await source.close();
    expect(gets(dav)).toHaveLength(1);
    expect(source.cost().bytes).toBeLessThan(1_000_000);
  });

  test('costs all that has come, not only what was taken', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { ignoresRanges: true });
    await source.read(0, 32);
    expect(source.cost().bytes).toBeGreaterThanOrEqual(32);
    await source.read(32, 200_000);
    await source.close();
    expect(source.cost()).toEqual({ requests: 1, bytes: 200_000 });
  });

  test('is read to its end', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { ignoresRanges: true });
    await source.read(0, 100_000);
    const rest = await source.read(100_000, 300_000);
    // As a whole: Vitest would compare them one by one.
    expect(rest.kind === 'bytes' && CONTENT.subarray(100_000).equals(rest.bytes)).toBe(true);
    expect(await source.read(200_000, 300_000)).toMatchObject({ kind: 'bytes', bytes: new Uint8Array(0) });
  });

  test('is not asked for anything but its beginning from then on', async () => {
    const { dav, source, open } = await openFile();
    dav.fault(X, { ignoresRanges: true });
    await source.read(0, 32);
    await source.close();
    expect(await open().read(100, 200)).toEqual({ kind: 'unseekable' });
    expect(gets(dav)).toHaveLength(1);
  });

  test('may be whole with the first answer, which says nothing about ranges', async () => {
    const { dav, source, open } = await openFile({}, { content: CONTENT.subarray(0, 10) });
    const heal = dav.fault(X, { ignoresRanges: true });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes', bytes: bytesOf(0, 10), totalBytes: 10 });
    heal();
    expect(await open().read(5, 10)).toMatchObject({ kind: 'bytes', bytes: bytesOf(5, 10) });
  });

  test('has broken off if its connection ends early without a word', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { ignoresRanges: true, framing: 'close', cutAtByte: 1_000 });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes' });
    expect(await source.read(32, 5_000)).toMatchObject({ kind: 'failed', failure: 'truncated' });
  });

  test('lets others in once it is closed', async () => {
    const { dav, source, store } = await openFile({}, { webdav: { requestsPerHost: 1 } });
    dav.fault(X, { ignoresRanges: true });
    await source.read(0, 32);
    const listing = store.list('' as ResourcePath, NEVER);
    await source.close();
    expect((await listing).verdict.complete).toBe(true);
  });
});

describe('a file that is another one by now', () => {
  test.each([
    ['another size', { sizeBytes: 199_999 }],
    ['another date', { modifiedAt: WRITTEN_AT - 1_000 }],
    ['another ETag', { etag: 'other', modifiedAt: null }],
  ] satisfies [string, Partial<ListedFile>][])('than the listing is told by %s', async (_by, listed) => {
    const { source } = await openFile({}, { listed });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'changed' });
  });

  test.each([{}, { ignoresRanges: true }])('is told by the whole of it, too (%o)', async (fault) => {
    const { dav, source } = await openFile({}, { listed: { sizeBytes: 5 } });
    dav.fault(X, fault);
    expect(await source.read(0, 4)).toMatchObject({ kind: 'changed' });
  });

  test.each(['apache', 'nginx'] as const)('than the first answer is told between two parts (%s)', async (markers) => {
    const { dav, source } = await openFile({ markers }, { listed: UNKNOWN });
    await source.read(0, 32);
    dav.tree.put(X, { content: CONTENT, modifiedAt: WRITTEN_AT + 60_000 });
    expect(await source.read(32, 64)).toMatchObject({ kind: 'changed' });
  });

  test('is told by a 412', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { status: 412 });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'changed' });
  });

  test('is not told by what is written in another way', async () => {
    const { dav, source } = await openFile({}, { listed: { modifiedAt: WRITTEN_AT + 500, etag: null } });
    const etag = dav.shownMarker(X).etag;
    dav.fault(X, { headers: { ETag: `W/"${etag}-gzip"` } });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes' });
    expect(await source.read(32, 64)).toMatchObject({ kind: 'bytes' });
    expect(dav.requests.at(-1)?.headers['if-range']).toBeUndefined();
  });
});

describe('a file that answers date otherwise than listings', () => {
  const dated = (ms: number) => ({ headers: { 'Last-Modified': new Date(ms).toUTCString() } });

  test('is told with both dates, and read where that is a habit of the storage', async () => {
    const { dav, source, store } = await openFile();
    dav.fault(X, dated(WRITTEN_AT + 7_200_000));
    expect(await source.read(0, 32)).toMatchObject({ kind: 'changed' });
    const other = source.otherDate?.();
    expect(other).toMatchObject({ listedAt: WRITTEN_AT, shownAt: WRITTEN_AT + 7_200_000, isOfAnswer: false });

    const listed = { sizeBytes: CONTENT.length, etag: null, modifiedAt: WRITTEN_AT };
    const habitual = store.read(X, listed, NEVER, [{ kind: 'shifted', seconds: 7_200 }]);
    expect(await habitual.read(0, 32)).toMatchObject({ kind: 'bytes', bytes: bytesOf(0, 32) });
    expect(await habitual.read(150_000, 150_010)).toMatchObject({ kind: 'bytes' });
    expect(habitual.otherDate?.()).toEqual(other);
    await habitual.close();
  });

  test('is read by its strong ETag although each answer has a date of its own', async () => {
    const { dav, store } = await openFile();
    const listed = { sizeBytes: CONTENT.length, etag: null, modifiedAt: null };
    const source = store.read(X, listed, NEVER);
    for (const from of [0, 100, 200]) {
      const heal = dav.fault(X, dated(WRITTEN_AT + from * 60_000));
      expect(await source.read(from, from + 32)).toMatchObject({ kind: 'bytes', bytes: bytesOf(from, from + 32) });
      heal();
    }
    await source.close();
  });

  test('says nothing of that if it is as it was listed', async () => {
    const { source } = await openFile();
    await source.read(0, 32);
    expect(source.otherDate?.()).toBeNull();
  });
});

describe('an answer that is none', () => {
  test.each([
    ['starts elsewhere', { headers: { 'Content-Range': 'bytes 1-32/200000' } }, 'malformed'],
    ['says nothing of its place', { headers: { 'Content-Range': 'pages 1-2/3' } }, 'malformed'],
    ['is longer than it says', { headers: { 'Content-Range': 'bytes 0-30/200000' } }, 'malformed'],
    ['is shorter than it says', { headers: { 'Content-Range': 'bytes 0-31/200000' }, partBytes: 30 }, 'truncated'],
    ['has several parts', { headers: { 'Content-Type': 'multipart/byteranges; boundary=x' } }, 'malformed'],
    ['is compressed unasked', { gzip: true }, 'malformed'],
    ['breaks off', { cutAtByte: 10 }, 'truncated'],
    ['never begins', { reset: true }, 'unreachable'],
    ['refuses the credentials', { status: 401 }, 'unauthorized'],
    ['forbids it', { status: 403 }, 'forbidden'],
    ['leads elsewhere', { redirect: 'https://elsewhere.example/x.ova' }, 'redirected'],
    ['asks to come back later', { status: 429 }, 'busy'],
    ['fails', { status: 500 }, 'status'],
  ] as const)('%s: it fails in words, and nothing is read', async (_what, fault, failure) => {
    const { dav, source } = await openFile();
    dav.fault(X, fault);
    const answer = await source.read(0, 32);
    expect(answer).toMatchObject({ kind: 'failed', failure });
    expect(answer.kind === 'failed' ? answer.detail : '').toMatch(
      /^GET http:\/\/127\.0\.0\.1:\d+\/a%20b\/x;1\.ova: \S/,
    );
  });

  test('is asked for again by the table of retries', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { status: 502, times: 2 });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes' });
    expect(source.cost().requests).toBe(3);
  });

  test('is not asked for again at once by a host that is busy', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { status: 503, times: 1 });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'failed', failure: 'busy' });
    expect(gets(dav)).toHaveLength(1);
  });

  test('says 404 to a spelling of the path that the server takes apart: another one is tried', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { status: 404, times: 1 });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'bytes' });
    expect(dav.requests.map(({ target }) => target)).toEqual(['/a%20b/x;1.ova', '/a%20b/x%3B1.ova']);
  });

  test('takes too long', async () => {
    const timeouts = { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 50, totalMs: 10_000 };
    const { dav, source } = await openFile({}, { webdav: { timeouts, retries: false } });
    dav.fault(X, { stall: 'body' });
    expect(await source.read(0, 32)).toMatchObject({ kind: 'failed', failure: 'timeout' });
  });

  test('is no longer waited for once that is aborted', async () => {
    const controller = new AbortController();
    const { dav, source } = await openFile({ onRequest: () => controller.abort(new Error('stopping')) }, controller);
    dav.fault(X, { stall: 'head' });
    await expect(source.read(0, 32)).rejects.toThrow('stopping');
    await expect(source.read(0, 32)).rejects.toThrow('stopping');
  });
});

test('a listing that waits goes before a look into a file', async () => {
  const order: string[] = [];
  const { dav, source, store } = await openFile(
    { onRequest: ({ method }) => void order.push(method) },
    { webdav: { requestsPerHost: 1 } },
  );
  const first = store.list('' as ResourcePath, NEVER);
  const read = source.read(0, 32);
  const second = store.list('a b' as ResourcePath, NEVER);
  await Promise.all([first, read, second]);
  expect(order).toEqual(['PROPFIND', 'PROPFIND', 'GET']);
  expect(dav.peakInFlight).toBe(1);
});

import { describe, expect, onTestFinished, test } from 'vitest';
import type { RangeSource } from '../../src/domain/description/reading.js';
import type { ListedFile } from '../../src/domain/model/image.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { WebdavOptions } from '../../src/webdav/client.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { createTestWebdav, NEVER } from './open-store.js';

const X = 'a b/x.ova' as ResourcePath;
const WRITTEN_AT = Date.UTC(2026, 10, 23);
/** No two places in it look alike for long. */
const CONTENT = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 251));
const PIECE = 500_000;

async function openFile({
  webdav: options = {},
  signal = NEVER,
}: {
  webdav?: Partial<WebdavOptions>;
  signal?: AbortSignal;
} = {}) {
  const dav = await startDavServer();
  onTestFinished(() => dav.close());
  dav.tree.put(X, { content: CONTENT, modifiedAt: WRITTEN_AT });
  const webdav = createTestWebdav(options);
  const store = webdav.open({ url: dav.url, auth: { type: 'none' } });
  const open = (listed: Partial<ListedFile> = {}) => {
    const file = { sizeBytes: CONTENT.length, etag: null, modifiedAt: WRITTEN_AT, ...listed };
    const source = store.download(X, file, signal);
    onTestFinished(() => source.close());
    return source;
  };
  return { dav, open, source: open(), waits: webdav.waits, store };
}

/** Reads it piece by piece to its end; returns what it was, or why it ended. */
async function readAll(source: RangeSource): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; ; ) {
    const answer = await source.read(at, at + PIECE);
    if (answer.kind !== 'bytes') return answer;
    pieces.push(answer.bytes);
    at += answer.bytes.length;
    if (answer.bytes.length < PIECE) return Buffer.concat(pieces).equals(CONTENT) ? 'the file' : 'something else';
  }
}
const gets = (dav: Awaited<ReturnType<typeof openFile>>['dav']) =>
  dav.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers['range'] ?? 'all');

describe('a download', () => {
  test('is one request for the whole file, whatever size was listed', async () => {
    const { dav, open } = await openFile();
    for (const sizeBytes of [CONTENT.length, null]) expect(await readAll(open({ sizeBytes }))).toBe('the file');
    expect(gets(dav)).toEqual(['all', 'all']);
    expect(dav.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  });

  test('reads no further ahead than its connection holds', async () => {
    const { dav, source } = await openFile();
    await source.read(0, 1_000);
    await source.close();
    expect(source.cost().bytes).toBeLessThan(1_000_000);
    expect(gets(dav)).toHaveLength(1);
  });

  test('may take longer than a listing', async () => {
    const timeouts = { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 1 };
    const { source } = await openFile({ webdav: { timeouts } });
    expect(await readAll(source)).toBe('the file');
  });

  test('without any size ends where the answer does, and not where that breaks off', async () => {
    const { dav, open } = await openFile();
    dav.fault(X, { framing: 'chunked', cutAtByte: 1_200_000, times: 1 });
    dav.fault(X, { framing: 'chunked' });
    expect(await readAll(open({ sizeBytes: null }))).toBe('the file');
    expect(gets(dav)).toEqual(['all', 'bytes=1000000-']);
  });

  test('goes on from where it broke off, and only with the very same file', async () => {
    const { dav, source, waits } = await openFile();
    dav.fault(X, { cutAtByte: 1_200_000, times: 2 });
    expect(await readAll(source)).toBe('the file');
    expect(gets(dav)).toEqual(['all', 'bytes=1000000-', 'bytes=2000000-']);
    expect(dav.requests[1]?.headers['if-range']).toBe(`"${dav.shownMarker(X).etag}"`);
    expect(waits).toEqual([250, 250]);
  });

  test('begins again where ranges are ignored, and reads over what it has', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { ignoresRanges: true, cutAtByte: 1_200_000, times: 1 });
    dav.fault(X, { ignoresRanges: true });
    expect(await readAll(source)).toBe('the file');
    expect(gets(dav)).toEqual(['all', 'bytes=1000000-']);
    expect(source.cost().bytes).toBeGreaterThan(CONTENT.length + 1_000_000);
  });

  test('is given up where it breaks off again and again', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { cutAtByte: 100_000 });
    expect(await readAll(source)).toMatchObject({ kind: 'failed', failure: 'truncated' });
    expect(gets(dav)).toHaveLength(5);
  });

  test('is not begun more than thrice again without ranges', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { ignoresRanges: true, cutAtByte: 1_200_000 });
    expect(await readAll(source)).toMatchObject({ kind: 'failed', failure: 'truncated' });
    expect(gets(dav)).toHaveLength(4);
  });

  test('is gathered from a server that sends less at a time', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { cutAtByte: 1_200_000, times: 1 });
    dav.fault(X, { partBytes: 1_500_000 });
    expect(await readAll(source)).toBe('the file');
    expect(gets(dav)).toEqual(['all', 'bytes=1000000-', 'bytes=2500000-']);
  });

  test('says that the file changed between two answers', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { cutAtByte: 1_200_000, times: 1 });
    await source.read(0, PIECE);
    dav.tree.put(X, { content: Buffer.alloc(CONTENT.length), modifiedAt: WRITTEN_AT + 60_000 });
    await source.read(PIECE, 2 * PIECE);
    expect(await source.read(2 * PIECE, 3 * PIECE)).toMatchObject({ kind: 'changed' });
  });

  test('says that the file is another one than was listed', async () => {
    const { open } = await openFile();
    expect(await open({ sizeBytes: 5 }).read(0, 5)).toMatchObject({ kind: 'changed' });
  });

  test('jumps by a new request, and is unseekable without ranges', async () => {
    const { dav, source, open } = await openFile();
    await source.read(0, 100);
    const bytes = Uint8Array.from(CONTENT.subarray(2_000_000, 2_000_100));
    expect(await source.read(2_000_000, 2_000_100)).toMatchObject({ bytes });
    expect(await source.read(2_000_200, 2_000_300)).toMatchObject({ kind: 'bytes' });
    expect(gets(dav)).toEqual(['all', 'bytes=2000000-']);
    await source.close();
    dav.fault(X, { ignoresRanges: true });
    const other = open();
    await other.read(0, 100);
    expect(await other.read(2_000_000, 2_000_100)).toEqual({ kind: 'unseekable' });
  });

  test.each([
    [{ status: 403 }, 'forbidden'],
    [{ status: 404 }, 'not-found'],
    [{ gzip: true }, 'malformed'],
    [{ redirect: 'https://elsewhere.example/x.ova' }, 'redirected'],
  ])('fails in words that name the request (%o)', async (fault, failure) => {
    const { dav, source } = await openFile();
    dav.fault(X, fault);
    const answer = await source.read(0, 32);
    expect(answer).toMatchObject({ kind: 'failed', failure });
    expect(answer.kind === 'failed' ? answer.detail : '').toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/a%20b\/x\.ova: \S/);
  });

  test('ends by an abort', async () => {
    const controller = new AbortController();
    const { source } = await openFile({ signal: controller.signal });
    await source.read(0, 100);
    controller.abort(new Error('stopping'));
    await expect(source.read(100, 2_000_000)).rejects.toThrow('stopping');
  });

  test('of an empty file takes no request if it was listed so', async () => {
    const { dav, open } = await openFile();
    expect(await open({ sizeBytes: 0 }).read(0, 100)).toMatchObject({ bytes: new Uint8Array(0) });
    expect(gets(dav)).toEqual([]);
  });
});

describe('a refusal for load', () => {
  test.each([429, 503])('of %i is waited out by whoever waits, as long as the host asks for', async (status) => {
    const { dav, source, waits } = await openFile({ webdav: { waitsOutLoad: true } });
    dav.fault(X, { status, retryAfter: 7, times: 2 });
    expect(await readAll(source)).toBe('the file');
    expect(waits).toEqual([7_000, 7_000]);
  });

  test('is waited out by looks into a file, too', async () => {
    const { dav, store } = await openFile({ webdav: { waitsOutLoad: true } });
    dav.fault(X, { status: 503, retryAfter: 1, times: 1 });
    const source = store.read(X, { sizeBytes: null, etag: null, modifiedAt: null }, NEVER);
    expect(await source.read(0, 10)).toMatchObject({ kind: 'bytes' });
  });

  test('that never ends is given up as that of a listing is', async () => {
    const { dav, source } = await openFile({ webdav: { waitsOutLoad: true } });
    dav.fault(X, { status: 503 });
    const answer = await source.read(0, 10);
    expect(answer).toMatchObject({ kind: 'failed', failure: 'busy' });
    expect(answer.kind === 'failed' ? answer.detail : '').toContain('has refused 5 requests in a row');
    expect(gets(dav)).toHaveLength(5);
  });

  test('is told at once to others', async () => {
    const { dav, source } = await openFile();
    dav.fault(X, { status: 429 });
    expect(await source.read(0, 10)).toMatchObject({ kind: 'failed', failure: 'busy' });
    expect(gets(dav)).toHaveLength(1);
  });
});

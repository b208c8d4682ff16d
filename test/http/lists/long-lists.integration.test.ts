import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen } from '../../../src/http/server/server.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { createImageSnapshots } from '../../../src/sqlite/read/image-snapshots.js';
import { createCleanup } from '../../support/cleanup.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { isThorough, sizeOf } from '../../support/thorough.js';
import { createApiScene, NOW } from '../api-scene.js';
import { makeLongIndex } from './long-index.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Some 13 or 8 MB as JSON: far more than what waits for a client, here and in the kernel. */
const IMAGES = sizeOf(60_000, 36_000);
const USER = 'user0';
const PATH = '/v2/image';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Long enough to be streamed in several pieces, for what is compared as a whole. */
const FEWER_IMAGES = sizeOf(22_000, 2_200);
/** What else is asked for shows that a list of 60,000 is streamed without this. */
const LONG_FROM = isThorough ? undefined : 2_000;

const built = await makeLongIndex(IMAGES);
const fewer = await makeLongIndex(FEWER_IMAGES);
afterAll(async () => {
  await built.remove();
  await fewer.remove();
});

const withoutTime = (text: string) => text.replace(/"time":"[\d.]+s"/, '"time":""');
const revisionIn = (etag: string | null) => Number(/-(\d+)-\w+-\w+"$/.exec(etag ?? '')?.[1]);

/** The API over an index of one long list, behind a socket; `isStreaming` or all at once. */
async function startApi({ isStreaming = true, index = built } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-long-'));
  cleanup.add(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'index.db');
  copyFileSync(index.file, file);
  const db = openDatabase(file, { readonly: true });
  cleanup.add(() => db.close());
  const inner = isStreaming ? createImageSnapshots(file) : null;
  const open = new Set<object>();
  const snapshots = inner && {
    open: vi.fn<typeof inner.open>(async (user, query) => {
      const snapshot = await inner.open(user, query);
      if (snapshot === null) return null;
      open.add(snapshot);
      const close = () => {
        open.delete(snapshot);
        snapshot.close();
      };
      return { ...snapshot, close };
    }),
  };
  const longFrom = index === fewer ? LONG_FROM : undefined;
  const publicUrl = 'http://api.example.org';
  const scene = createApiScene({ catalogue: createImageCatalogue(db), snapshots, longFrom, publicUrl });
  const token = await scene.tokenFor(USER);
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  cleanup.add(() => server.close(0));
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' };
  const ask = (path = PATH, init: RequestInit = {}) =>
    fetch(server.url + path, { ...init, headers: { ...headers, ...init.headers } });
  const write = (sql: string) => {
    const writer = openDatabase(file);
    writer.exec(sql);
    writer.close();
  };
  return { ...scene, ask, write, token, open, snapshots, port: Number(new URL(server.url).port) };
}

interface Item {
  readonly path: string;
}

describe('a long list', () => {
  /** As they are made at once. */
  let whole: string;
  let wholeOfFewer: string;
  beforeAll(async () => {
    whole = await (await (await startApi({ isStreaming: false })).ask()).text();
    wholeOfFewer = await (await (await startApi({ isStreaming: false, index: fewer })).ask()).text();
    await cleanup.run();
  });

  it('is the same, streamed, as all at once, in any order, filtered, and in any coding', async () => {
    const { ask, app, token, open, snapshots } = await startApi({ index: fewer });
    expect(withoutTime(await (await ask()).text())).toBe(withoutTime(wholeOfFewer));
    expect(snapshots?.open).toHaveBeenCalledTimes(1);
    const headers = { authorization: `Bearer ${token}` };
    for (const [coding, decode] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const response = await app.request(PATH, { headers: { ...headers, 'accept-encoding': coding } });
      expect(response.headers.get('content-encoding')).toBe(coding);
      expect(withoutTime(decode(Buffer.from(await response.arrayBuffer())).toString())).toBe(withoutTime(wholeOfFewer));
    }
    for (const query of ['?sort=size,desc', '?filter=size,gt,1000000', '?name=x64']) {
      const body = (await (await ask(PATH + query)).json()) as {
        data: { id: number }[];
        meta: { count: number; pages: { total: number } };
      };
      expect(body.meta).toMatchObject({ count: body.data.length, pages: { total: body.data.length } });
      expect(new Set(body.data.map(({ id }) => id)).size).toBe(body.data.length);
    }
    expect(snapshots?.open).toHaveBeenCalledTimes(6);
    expect(open.size).toBe(0);
  });

  it.each([
    ['application/x-ndjson', (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as Item).path)],
    ['text/csv', (lines: readonly string[]) => lines.slice(1).map((line) => line.split(',')[1] ?? '')],
  ])('is streamed with the same items in the same order as %s, plain and coded', async (accept, pathsOf) => {
    const { ask, app, token, open, snapshots } = await startApi({ index: fewer });
    const expected = (JSON.parse(wholeOfFewer) as { data: Item[] }).data.map(({ path }) => path);
    const response = await ask(PATH, { headers: { accept } });
    expect(response.headers.get('content-type')).toContain(accept);
    expect(response.headers.get('x-total-count')).toBe(`${expected.length}`);
    const plain = await response.text();
    expect(pathsOf(plain.trimEnd().split(/\r?\n/))).toEqual(expected);
    const headers = { authorization: `Bearer ${token}`, accept, 'accept-encoding': 'br' };
    const coded = await app.request(PATH, { headers });
    expect(coded.headers.get('content-encoding')).toBe('br');
    expect(brotliDecompressSync(Buffer.from(await coded.arrayBuffer())).toString()).toBe(plain);
    expect(snapshots?.open).toHaveBeenCalledTimes(2);
    expect(open.size).toBe(0);
  });

  it('has the ETag that tells 304, nothing being read then, nor for HEAD', async () => {
    const { ask, snapshots } = await startApi({ index: fewer });
    const head = await ask(PATH, { method: 'HEAD' });
    const etag = head.headers.get('etag') ?? '';
    expect(head.headers.has('content-length')).toBe(false);
    expect((await ask(PATH, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(snapshots?.open).not.toHaveBeenCalled();
    const get = await ask();
    expect(get.headers.get('etag')).toBe(etag);
    await get.body?.cancel();
  });

  it('where few match is read at once, and so is a page', async () => {
    const { ask, snapshots } = await startApi({ index: fewer });
    expect((await ask(`${PATH}?name=00001`)).status).toBe(200);
    expect((await ask(`${PATH}?per_page=500`)).status).toBe(200);
    expect(snapshots?.open).not.toHaveBeenCalled();
  });

  it('is of one revision, whatever is committed meanwhile, and of a new one then', async () => {
    const { ask, write } = await startApi();
    const response = await ask();
    write('DELETE FROM images WHERE id % 2 = 0; UPDATE spaces SET revision = revision + 1, images = images / 2');
    expect(withoutTime(await response.text())).toBe(withoutTime(whole));
    const next = await ask();
    expect(revisionIn(next.headers.get('etag'))).toBe(revisionIn(response.headers.get('etag')) + 1);
    expect(((await next.json()) as { meta: { count: number } }).meta.count).toBe(IMAGES / 2);
  });

  it('lets other requests be answered while it is sent', async () => {
    const { ask } = await startApi();
    let isDone = false;
    const list = ask().then(async (response) => {
      const { length } = withoutTime(await response.text());
      isDone = true;
      return length;
    });
    let answered = 0;
    while (!isDone) {
      await (await ask('/v2/ping')).text();
      if (!isDone) answered++;
    }
    expect(await list).toBe(withoutTime(whole).length);
    expect(answered).toBeGreaterThan(10);
  });

  it('is closed when its client goes, and soon when its client reads nothing', async () => {
    const { ask, open, port, token } = await startApi();
    const controller = new AbortController();
    await ask(PATH, { signal: controller.signal });
    expect(open.size).toBe(1);
    controller.abort();
    await expect.poll(() => open.size).toBe(0);

    const stalled = connect(port, '127.0.0.1');
    cleanup.add(() => stalled.destroy());
    stalled.write(`GET ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await expect.poll(() => open.size).toBe(1);
    await expect.poll(() => open.size).toBe(0);
  });

  it.runIf(isThorough)('is made of a small part of its size in memory at a time', async () => {
    const live = () => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const grown = async (isStreaming: boolean) => {
      const { app, token } = await startApi({ isStreaming });
      const before = live();
      let most = 0;
      let next = 0;
      let bytes = 0;
      const response = await app.fetch(
        new Request(`http://x${PATH}`, { headers: { authorization: `Bearer ${token}` } }),
      );
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes < next) continue;
        next += 4_000_000; // a collection takes longer than what is made meanwhile
        most = Math.max(most, live() - before);
      }
      expect(bytes).toBeGreaterThan(10_000_000);
      return most / bytes;
    };
    expect(await grown(true)).toBeLessThan(0.25);
    expect(await grown(false)).toBeGreaterThan(0.9);
  });
});

it('of which too many are open already is refused for a while', async () => {
  const { ask, open } = await startApi();
  const responses = await Promise.all(Array.from({ length: 4 }, () => ask()));
  expect(open.size).toBe(4);
  const refused = await ask();
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('30');
  for (const { body } of responses) await body?.cancel();
  await expect.poll(() => open.size).toBe(0);
  expect((await ask(`${PATH}?name=x64&${NOW}`)).status).toBe(200);
});

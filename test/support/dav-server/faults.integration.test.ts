import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { hrefsOf, propfindPlainly } from '../plain-http.js';
import { type DavServer, type DavServerOptions, startDavServer } from './dav-server.js';

async function startServer(options: DavServerOptions = {}): Promise<DavServer> {
  const dav = await startDavServer(options);
  onTestFinished(() => dav.close());
  dav.tree.put('a/x.ova', { content: 'x' });
  dav.tree.put('a/y.ova', { content: 'y' });
  dav.tree.put('a/deep/z.ova', { content: 'z' });
  return dav;
}

const ALL = ['/a/', '/a/x.ova', '/a/y.ova', '/a/deep/'];

test('without a fault the listing is whole and true', async () => {
  const dav = await startServer();
  const answer = await propfindPlainly(`${dav.url}a/`);
  expect(answer).toMatchObject({ status: 207, isComplete: true });
  expect(hrefsOf(answer)).toEqual(ALL);
  expect(answer.body.toString()).toMatch(/<\/D:multistatus>\n$/);
});

test.for([
  ['a status', { status: 507 }, 507, {}, ''],
  ['a status with a body', { status: 500, body: 'no' }, 500, {}, 'no'],
  ['seconds to wait', { status: 429, retryAfter: 7 }, 429, { 'retry-after': '7' }, ''],
  [
    'a time to wait for',
    { status: 503, retryAfter: new Date(0) },
    503,
    { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' },
    '',
  ],
  ['a redirect', { redirect: 'https://other.example.org/' }, 301, { location: 'https://other.example.org/' }, ''],
  ['a redirect of another kind', { redirect: '/a', status: 308 }, 308, { location: '/a' }, ''],
  ['a login page', { html: true }, 200, { 'content-type': 'text/html' }, '<!DOCTYPE html><title>Log in</title>'],
  ['another document', { body: '{}' }, 207, {}, '{}'],
] as const)('answers with %s', async ([, fault, status, headers, body]) => {
  const dav = await startServer();
  dav.fault('a', fault);
  const answer = await propfindPlainly(`${dav.url}a/`);
  expect(answer).toMatchObject({ status, headers, isComplete: true });
  expect(answer.body.toString()).toBe(body);
});

test.for([
  ['Content-Length', { cutAtByte: 50 }, false],
  ['chunks', { cutAtByte: 50, framing: 'chunked' }, false],
  ['the close', { cutAtByte: 50, framing: 'close' }, true],
] as const)('cuts a body that is delimited by %s', async ([, fault, looksComplete]) => {
  const dav = await startServer();
  dav.fault('a', fault);
  const { status, body, isComplete } = await propfindPlainly(`${dav.url}a/`);
  expect({ status, bytes: body.length, isComplete }).toEqual({ status: 207, bytes: 50, isComplete: looksComplete });
});

test('stalls before the head or in the middle of the body, and resets', async () => {
  const dav = await startServer();
  const whole = (await propfindPlainly(`${dav.url}a/`)).body.length;
  dav.fault('a', { stall: 'head', times: 1 });
  dav.fault('a', { stall: 'body', times: 1 });
  dav.fault('a', { reset: true, times: 1 });
  expect(await propfindPlainly(`${dav.url}a/`, { patienceMs: 50 })).toMatchObject({ status: 0 });
  const half = await propfindPlainly(`${dav.url}a/`, { patienceMs: 500 });
  expect(half).toMatchObject({ status: 207, isComplete: false });
  expect(half.body).toHaveLength(Math.floor(whole / 2));
  expect(await propfindPlainly(`${dav.url}a/`)).toMatchObject({ status: 0 });
  expect(await propfindPlainly(`${dav.url}a/`)).toMatchObject({ status: 207, isComplete: true });
});

test('waits before it answers', async () => {
  const dav = await startServer();
  dav.fault('a', { delayMs: 100, times: 1 });
  expect(await propfindPlainly(`${dav.url}a/`, { patienceMs: 20 })).toMatchObject({ status: 0 });
  dav.fault('a', { delayMs: 1, times: 1 });
  expect(await propfindPlainly(`${dav.url}a/`)).toMatchObject({ status: 207, isComplete: true });
});

test('frames and compresses a body in other ways', async () => {
  const dav = await startServer();
  dav.fault('a', { framing: 'chunked', times: 1 });
  dav.fault('a', { framing: 'close', times: 1 });
  dav.fault('a', { gzip: true, times: 1 });
  const chunked = await propfindPlainly(`${dav.url}a/`);
  expect(chunked.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
  const closed = await propfindPlainly(`${dav.url}a/`);
  expect(closed.headers).not.toHaveProperty('transfer-encoding');
  expect(closed.headers).not.toHaveProperty('content-length');
  expect(closed.body).toEqual(chunked.body);
  const zipped = await propfindPlainly(`${dav.url}a/`);
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip' });
  expect(gunzipSync(zipped.body)).toEqual(chunked.body);
});

test.for([
  ['leaves out its own entry', { self: 'omitted' }, ALL.slice(1)],
  ['shows its own entry at another path', { self: 'elsewhere' }, ['/elsewhere/a/', ...ALL.slice(1)]],
  ['shows its own entry as a file', { self: 'file' }, ['/a', ...ALL.slice(1)]],
  ['shows its own entry twice', { self: 'twice' }, ['/a/', ...ALL]],
  ['forgets children', { forget: ['x.ova', 'deep'] }, ['/a/', '/a/y.ova']],
  ['shows only itself', { blank: true }, ['/a/']],
  ['shows its children twice', { repeat: true }, ['/a/', ...ALL.slice(1).flatMap((href) => [href, href])]],
  ['shows a page', { pageSize: 2 }, ALL.slice(0, 3)],
] as const)('%s', async ([, fault, hrefs]) => {
  const dav = await startServer();
  dav.fault('a', fault);
  const answer = await propfindPlainly(`${dav.url}a/`);
  expect(hrefsOf(answer)).toEqual(hrefs);
  expect(answer).toMatchObject({ status: 207, isComplete: true });
});

test('tells a long listing in pages, each with a link to the next', async () => {
  const dav = await startServer();
  dav.fault('a', { pageSize: 1 });
  const shown: string[] = [];
  for (let link = ''; ; ) {
    const answer = await propfindPlainly(`${dav.url}a/${link}`);
    shown.push(...hrefsOf(answer));
    const next = /^<(.*)>; rel="next"$/.exec(`${answer.headers['link'] ?? ''}`)?.[1];
    if (next === undefined) break;
    link = next;
  }
  expect(shown).toEqual(ALL);
});

test('gives its own entry and children an error of their own', async () => {
  const dav = await startServer();
  dav.fault('a', { self: 'forbidden', childStatus: { deep: 500 } });
  const text = (await propfindPlainly(`${dav.url}a/`)).body.toString();
  expect(text).toMatch(/<D:href>\/a\/<\/D:href>\s*<D:propstat>.*?403 Failed/s);
  expect(text).toMatch(/<D:href>\/a\/deep\/<\/D:href>\s*<D:propstat>.*?500 Failed/s);
});

test('says with 507 that there is more than fits', async () => {
  const dav = await startServer();
  dav.fault('a', { fitsOnly: 2 });
  const answer = await propfindPlainly(`${dav.url}a/`);
  expect(hrefsOf(answer)).toEqual([...ALL.slice(0, 3), '/a/']);
  expect(answer.body.toString()).toMatch(/<D:href>\/a\/<\/D:href>\s*<D:propstat>.*?507 Failed.*<\/D:multistatus>\n$/s);
  dav.clearFaults();
  dav.fault('a', { fitsOnly: 3 });
  expect(hrefsOf(await propfindPlainly(`${dav.url}a/`))).toEqual(ALL);
});

test('says with 507 which member was the first that did not fit', async () => {
  const dav = await startServer();
  dav.fault('a', { fitsOnly: 1, isFullAtMember: true });
  const answer = await propfindPlainly(`${dav.url}a/`);
  expect(hrefsOf(answer)).toEqual(ALL.slice(0, 3));
  const { pathname } = new URL(ALL[2] as string, dav.url);
  expect(answer.body.toString()).toMatch(
    new RegExp(`<D:href>${pathname}</D:href>\\s*<D:propstat>.*?507 Failed.*</D:multistatus>\n$`, 's'),
  );
});

test('adds responses and text, in UTF-8', async () => {
  const dav = await startServer();
  dav.fault('a', { extraResponses: '<D:response>ä</D:response>', trailing: 'Fehler: ö' });
  expect((await propfindPlainly(`${dav.url}a/`)).body.toString()).toMatch(
    /<D:response>ä<\/D:response><\/D:multistatus>\nFehler: ö$/,
  );
});

test('hits as often, as late, as deep and with what it is told to', async () => {
  const dav = await startServer();
  dav.fault('a', { status: 500, after: 1, times: 2 });
  dav.fault('a', { status: 501, below: true, depth: '0' });
  dav.fault('', { status: 502, method: 'GET' });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await propfindPlainly(`${dav.url}a/`)).status);
  expect(statuses).toEqual([207, 500, 500, 207]);
  expect((await propfindPlainly(`${dav.url}a/deep/`)).status).toBe(207);
  expect((await propfindPlainly(`${dav.url}a/deep/`, { depth: '0' })).status).toBe(501);
  expect((await propfindPlainly(dav.url)).status).toBe(207);
});

test('takes a fault away again, or all of them', async () => {
  const dav = await startServer();
  const takeAway = dav.fault('a', { status: 500 });
  dav.fault('', { status: 500 });
  takeAway();
  expect((await propfindPlainly(`${dav.url}a/`)).status).toBe(207);
  dav.clearFaults();
  expect((await propfindPlainly(dav.url)).status).toBe(207);
});

test('answers a burst of requests with 429, wherever they go', async () => {
  const dav = await startServer();
  dav.burst(2, 3);
  expect(await propfindPlainly(dav.url)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  expect((await propfindPlainly(`${dav.url}a/`)).status).toBe(429);
  expect((await propfindPlainly(`${dav.url}a/`)).status).toBe(207);
});

test('writes the Date that its clock tells', async () => {
  const dav = await startServer({ date: () => Date.UTC(2020, 1, 29, 12) });
  expect((await propfindPlainly(dav.url)).headers.date).toBe('Sat, 29 Feb 2020 12:00:00 GMT');
});

test('says what it answered, and waits before that for whoever looks', async () => {
  const seen: string[] = [];
  const dav = await startServer({
    onRequest: async ({ method, path }) => {
      await Promise.resolve();
      seen.push(`${method} /${path}`);
    },
    onAnswer: ({ path, status, shown }) =>
      seen.push(`${status} /${path} ${shown?.members.length} ${shown?.sent} ${shown?.hasNextPage}`),
  });
  await propfindPlainly(`${dav.url}a/`);
  dav.fault('a', { pageSize: 2, cutAtByte: 50, times: 1 });
  dav.fault('a', { reset: true });
  await propfindPlainly(`${dav.url}a/`);
  await propfindPlainly(`${dav.url}a/`);
  await propfindPlainly(`${dav.url}b/`);
  expect(seen).toEqual([
    'PROPFIND /a',
    '207 /a 3 whole false',
    'PROPFIND /a',
    '207 /a 2 cut true',
    'PROPFIND /a',
    '0 /a undefined undefined undefined',
    'PROPFIND /b',
    '404 /b undefined undefined undefined',
  ]);
});

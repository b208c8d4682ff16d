import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import type { ListingFailure } from '../../src/domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import { DEFAULT_CAPS } from '../../src/webdav/multistatus/multistatus.js';
import { sleepInRealTime } from '../../src/webdav/transport/sleep.js';
import type { Fault } from '../support/dav-server/faults.js';
import { startScriptedServer } from '../support/servers/scripted-server.js';
import { sizeOf } from '../support/thorough.js';
import { createTestWebdav, failureOf, IMAGES, NEVER, openAt, openStore } from './open-store.js';

describe('a request', () => {
  test('is a PROPFIND with Depth, a slash, and only the properties that are used', async () => {
    const { dav, store } = await openStore({ basePath: '/dav/jm/' });
    dav.tree.mkdir('a b+c');
    await store.list('a b+c' as ResourcePath, NEVER);
    await store.probe(ROOT, NEVER);

    expect(dav.requests.map(({ method, target, depth }) => [method, target, depth])).toEqual([
      ['PROPFIND', '/dav/jm/a%20b+c/', '1'],
      ['PROPFIND', '/dav/jm/', '0'],
    ]);
    expect(dav.requests[0]?.headers).toMatchObject({ 'user-agent': 'ovadex/test', 'accept-encoding': 'gzip' });
    const properties = ['<D:resourcetype/>', '<D:getcontentlength/>', '<D:getlastmodified/>', '<D:getetag/>'];
    expect(dav.requests[1]?.body.match(/<\w+:(?!prop)\w+\/>/g)).toEqual(properties);
  });

  test('asks for ownCloud’s properties until the first listing tells that there are none', async () => {
    const { dav, store } = await openStore();
    dav.fault(ROOT, { status: 404, times: 1 });
    for (let n = 0; n < 3; n++) await store.list(ROOT, NEVER);
    const asks = dav.requests.map(({ body }) => /<oc:fileid\/><oc:permissions\/>/.test(body));
    expect(asks).toEqual([true, true, false]);
  });

  test('has as little escaped as RFC 3986 demands, the space’s own URL too', async () => {
    const { url, requests } = await startScriptedServer(() => null);
    const listing = await openAt(`${url}a%28b%29/%C3%A9/`, {}).list("!$'()*+,;=:@/ #%" as ResourcePath, NEVER);
    expect(listing).toMatchObject({ verdict: { complete: true }, requests: 1 });
    expect(requests.map(({ target }) => target)).toEqual(["/a(b)/%C3%A9/!$'()*+,;=:@/%20%23%25/"]);
  });

  describe('with a name that the server reads in its own way', () => {
    const SEMICOLON = 'a;b+c' as ResourcePath;
    const listed = (href: string) =>
      Buffer.from(
        `<multistatus xmlns="DAV:"><response><href>${href}</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`,
      );

    test.for([
      ['for one that is not there', 404],
      ['for one that it calls malformed', 400],
      ['for another folder', 207],
    ] as const)('is sent again with all escaped: it took it %s', async ([, status]) => {
      const { url, requests } = await startScriptedServer(({ target }) =>
        target.includes(';') ? { status, body: listed('/a/') } : null,
      );
      const listing = await openAt(url, {}).list(SEMICOLON, NEVER);
      expect(listing).toMatchObject({ verdict: { complete: true }, requests: 2 });
      expect(requests.map(({ target }) => target)).toEqual(['/a;b+c/', '/a%3Bb%2Bc/']);
    });

    test.for([
      [404, 404, 'absent'],
      [404, 403, 'unknown'],
      [404, 207, 'present'],
      [403, 207, 'unknown'],
    ] as const)('answered %i, and %i with all escaped: it is %s', async ([plain, escaped, presence]) => {
      const { url } = await startScriptedServer(({ target }) => ({
        status: target.includes('%') ? escaped : plain,
        ...(target.includes('%') ? { body: listed('/a;b+c/') } : {}),
      }));
      expect(await openAt(url, {}).probe(SEMICOLON, NEVER)).toMatchObject({ presence });
    });
  });

  test('uses one connection again and again, after an error too', async () => {
    const { dav, store } = await openStore({}, { requestsPerHost: 1 });
    dav.tree.mkdir('images');
    dav.fault('images', { status: 403, body: 'x'.repeat(10_000), times: 2 });
    for (let i = 0; i < 4; i++) await store.list(IMAGES, NEVER);
    expect(dav.connections).toBe(1);
  });
});

describe('a listing fails', () => {
  const cases: readonly (readonly [ListingFailure, string, Fault, number])[] = [
    ['unauthorized', 'with 401', { status: 401 }, 1],
    ['forbidden', 'with 403', { status: 403 }, 1],
    ['not-found', 'with 404', { status: 404 }, 1],
    ['not-found', 'with 410', { status: 410 }, 1],
    ['rejected', 'with 405', { status: 405 }, 1],
    ['rejected', 'with 400', { status: 400 }, 1],
    ['status', 'with 500 for ever', { status: 500 }, 3],
    ['status', 'with 503 for ever, alone of all', { status: 503 }, 14],
    ['status', 'with 423 for ever', { status: 423 }, 4],
    ['status', 'with 204', { status: 204 }, 1],
    ['redirected', 'with a redirect', { redirect: 'https://login.example.org/' }, 1],
    ['not-multistatus', 'with a login page', { html: true }, 1],
    ['not-multistatus', 'with 207 and HTML', { body: '<!DOCTYPE html><title>Log in</title>' }, 1],
    ['not-multistatus', 'with 207 and nothing', { body: '' }, 1],
    ['malformed', 'with text behind the document', { trailing: 'Internal Server Error' }, 1],
    ['malformed', 'with a compression that nobody asked for', { headers: { 'Content-Encoding': 'br' } }, 1],
    ['malformed', 'with gzip that is none', { headers: { 'Content-Encoding': 'gzip' } }, 1],
    ['truncated', 'with a body shorter than its Content-Length', { cutAtByte: 300 }, 2],
    ['truncated', 'with chunks that break off', { cutAtByte: 300, framing: 'chunked' }, 2],
    ['truncated', 'with a close-delimited body that ends early', { cutAtByte: 300, framing: 'close' }, 2],
    ['truncated', 'with gzip that ends early', { gzip: true, cutAtByte: 100, framing: 'close' }, 2],
    ['no-self', 'without the collection itself', { self: 'omitted' }, 1],
    ['no-collection', 'with the collection as a file', { self: 'file' }, 1],
    ['no-self', 'with the collection forbidden', { self: 'forbidden' }, 1],
    ['foreign-href', 'with the collection at another path', { self: 'elsewhere' }, 1],
    ['paged', 'with a link to the rest', { linkNext: '/images/?page=2' }, 1],
    ['unreachable', 'with connections that are reset', { reset: true }, 4],
  ];
  test.for(cases)('as %s %s', async ([failure, , fault, requests]) => {
    const { dav, store } = await openStore();
    dav.tree.put('images/x.ova', { size: 1 });
    dav.fault('images', fault);

    const listing = await store.list(IMAGES, NEVER);

    expect(failureOf(listing).failure).toBe(failure);
    expect(listing.requests).toBe(requests);
    expect(dav.requests).toHaveLength(requests);
  });

  const slow = { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 };
  test.for([
    ['before the first byte', { stall: 'head' }, { ...slow, firstByteMs: 50 }, 'UND_ERR_HEADERS_TIMEOUT'],
    ['in the middle of the body', { stall: 'body' }, { ...slow, silenceMs: 50 }, 'UND_ERR_BODY_TIMEOUT'],
    [
      'in the middle of a compressed body',
      { stall: 'body', gzip: true },
      { ...slow, silenceMs: 50 },
      'UND_ERR_BODY_TIMEOUT',
    ],
    ['before the first byte, in all', { stall: 'head' }, { ...slow, totalMs: 50 }, 'ETIMEDOUT'],
    ['in the middle of the body, in all', { stall: 'body' }, { ...slow, totalMs: 50 }, 'ETIMEDOUT'],
  ] as const)('as timeout with silence %s', async ([, fault, timeouts, code]) => {
    const { dav, store } = await openStore({}, { timeouts });
    dav.tree.put('images/x.ova');
    dav.fault('images', fault);
    const listing = await store.list(IMAGES, NEVER);
    expect(failureOf(listing)).toMatchObject({ failure: 'timeout', detail: expect.stringContaining(`(${code})`) });
    expect(listing.requests).toBe(2);
  });

  test('as unreachable where nobody listens', async () => {
    const { dav, store } = await openStore();
    await dav.close();
    expect(failureOf(await store.list(ROOT, NEVER))).toMatchObject({
      failure: 'unreachable',
      detail: expect.stringMatching(
        /^PROPFIND http:\/\/127\.0\.0\.1:\d+\/ with Depth 1: .*ECONNREFUSED.*\(4 requests\)$/,
      ),
    });
  });

  test('as too large when little gzip becomes much text, which is never all in memory', async () => {
    const inflatedBytes = 400 * 1_048_576;
    const member = gzipSync(Buffer.alloc(inflatedBytes / 400, ' '));
    const bomb = Buffer.concat([gzipSync('<multistatus xmlns="DAV:">'), ...Array.from({ length: 400 }, () => member)]);
    const { url } = await startScriptedServer(() => ({
      status: 207,
      headers: { 'Content-Encoding': 'gzip' },
      body: bomb,
    }));
    const webdav = createTestWebdav({ caps: { ...DEFAULT_CAPS, bytes: 100_000 } });
    const peakBefore = process.resourceUsage().maxRSS;
    const listing = await openAt(url, { webdav }).list(ROOT, NEVER);
    const grownBytes = (process.resourceUsage().maxRSS - peakBefore) * 1024;
    expect(failureOf(listing)).toMatchObject({ failure: 'too-large', detail: expect.stringContaining('100000 bytes') });
    expect(listing.requests).toBe(1);
    expect(bomb.length).toBeLessThan(inflatedBytes / 500);
    expect(grownBytes).toBeLessThan(inflatedBytes / 4);
  });

  test('and gives its place at the host back, whatever went wrong', async () => {
    const { dav, store } = await openStore({}, { requestsPerHost: 1 });
    dav.tree.put('images/x.ova');
    for (const [failure, , fault] of cases) {
      const restore = dav.fault('images', fault);
      expect(failureOf(await store.list(IMAGES, NEVER)).failure).toBe(failure);
      restore();
    }
    expect((await store.list(IMAGES, NEVER)).verdict).toEqual({ complete: true });
  });
});

describe('the detail of a failure', () => {
  const detailWith = async (fault: Fault) => {
    const { dav, store } = await openStore({}, {}, { type: 'basic', username: 'jm', password: 'secret-1' });
    dav.tree.mkdir('images');
    dav.fault('images', fault);
    return failureOf(await store.list(IMAGES, NEVER)).detail.replace(dav.url, 'BASE/');
  };

  test('names the request, the status and what was expected', async () => {
    expect(await detailWith({ status: 403 })).toBe(
      'PROPFIND BASE/images/ with Depth 1: answered 403 Forbidden; expected 207 Multi-Status',
    );
    expect(await detailWith({ html: true })).toBe(
      'PROPFIND BASE/images/ with Depth 1: answered 200 OK with text/html; expected 207 Multi-Status',
    );
  });

  test('names where a redirect leads, without secrets', async () => {
    expect(await detailWith({ redirect: 'https://jm:secret-2@login.example.org/sso?token=secret-3#secret-4' })).toBe(
      'PROPFIND BASE/images/ with Depth 1: answered 301 Moved Permanently to https://login.example.org/sso; expected 207 Multi-Status',
    );
  });
});

describe('a listing is complete', () => {
  test.for([
    ['with a chunked body', { framing: 'chunked' }],
    ['with a close-delimited body', { framing: 'close' }],
    ['with a compressed body', { gzip: true }],
    ['with a link to something else', { headers: { Link: '</next>; rel="help"' } }],
    ['after a 503', { status: 503, times: 4 }],
    ['after a burst of 429', { status: 429, times: 9 }],
    ['after a reset connection', { reset: true, times: 3 }],
    ['after a cut body', { cutAtByte: 200, times: 1 }],
  ] as const)('%s', async ([, fault]) => {
    const { dav, store } = await openStore();
    dav.tree.put('images/x.ova', { size: 1 });
    dav.fault('images', fault);
    const listing = await store.list(IMAGES, NEVER);
    expect(listing.verdict).toEqual({ complete: true });
    expect(listing.images).toHaveLength(1);
    expect(listing.requests).toBe(dav.requests.length);
  });

  test('with a compressed body that inflates to much more than it is read in', async () => {
    const { dav, store } = await openStore();
    const count = sizeOf(20_000, 4_000);
    for (let n = 0; n < count; n++) dav.tree.put(`images/${n}.ova`);
    dav.fault('images', { gzip: true });
    const listing = await store.list(IMAGES, NEVER);
    expect(listing.verdict).toEqual({ complete: true });
    expect(listing.images).toHaveLength(count);
  });

  test('with a member that failed guarded, and one that is excluded left out', async () => {
    const { dav, store } = await openStore({}, { exclude: (path) => path === 'images/hidden' });
    dav.tree.put('images/x.ova');
    dav.tree.mkdir('images/locked');
    dav.tree.mkdir('images/hidden');
    dav.fault('images', { childStatus: { locked: 403 } });
    expect(await store.list(IMAGES, NEVER)).toMatchObject({
      verdict: { complete: true },
      images: [{ path: 'images/x.ova' }],
      collections: [],
      guarded: [{ path: 'images/locked', status: expect.any(Number) }],
      memberCount: 3,
    });
  });
});

describe('a probe', () => {
  test.for([
    ['present', 'when all is well', {}],
    ['absent', 'with 404', { status: 404 }],
    ['absent', 'with 410', { status: 410 }],
    ['unknown', 'with a 207 whose only response is forbidden', { self: 'forbidden' }],
    ['absent', 'with a 207 that shows a file in its place', { self: 'file' }],
    ['unknown', 'with 400', { status: 400 }],
    ['unknown', 'with 503', { status: 503 }],
    ['unknown', 'with 403', { status: 403 }],
    ['unknown', 'with a login page', { html: true }],
    ['unknown', 'with a redirect', { redirect: '/login' }],
  ] as const)('says %s %s', async ([presence, , fault]) => {
    const { dav, store } = await openStore();
    dav.tree.mkdir('images');
    dav.fault('images', fault);
    expect((await store.probe(IMAGES, NEVER)).presence).toBe(presence);
  });

  test.for([
    ['Apache', 400],
    ['lighttpd', 403],
  ] as const)(
    'asks without the slash where a server refuses it behind the name of a file, as %s does with %i',
    async ([, status]) => {
      const { dav, store } = await openStore();
      dav.tree.put('images', { size: 1 });
      dav.fault('images', { status, times: 1 });
      expect(await store.probe(IMAGES, NEVER)).toMatchObject({ presence: 'absent', requests: 2 });
      expect(dav.requests.map(({ target }) => target)).toEqual(['/images/', '/images']);
    },
  );

  test('says absent for a 207 whose only response is 404', async () => {
    const { dav, store } = await openStore();
    dav.tree.mkdir('images');
    dav.fault('images', {
      body: '<multistatus xmlns="DAV:"><response><href>/images/</href><status>HTTP/1.1 404 Not Found</status></response></multistatus>',
    });
    expect((await store.probe(IMAGES, NEVER)).presence).toBe('absent');
  });
});

describe('the host', () => {
  test('never sees more requests at once than it may, whatever the spaces', async () => {
    const { dav } = await openStore();
    for (let i = 0; i < 12; i++) dav.tree.mkdir(`c${i}`);
    dav.fault('', { below: true, delayMs: 5 });
    const webdav = createTestWebdav({ requestsPerHost: 3 });
    const stores = [dav.url, dav.url].map((url) => webdav.open({ url, auth: { type: 'none' } }));
    const listings = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 12 }, (_, i) => store.list(`c${i}` as ResourcePath, NEVER))),
    );
    expect(listings.every((listing) => listing.verdict.complete)).toBe(true);
    expect(dav.peakInFlight).toBe(3);
  });

  test.for([
    ['its URL', { basePath: '/remote.php/dav/files/jm/' }, 2],
    ['its properties', { markers: 'nextcloud' }, 2],
    ['nothing', {}, 8],
  ] as const)('that is a Nextcloud, known by %s, sees fewer requests at once: %o', async ([, options, most]) => {
    const { dav } = await openStore(options);
    for (let i = 0; i < 24; i++) dav.tree.mkdir(`c${i}`);
    const webdav = createTestWebdav({ requestsPerHost: 8, requestsPerNextcloud: 2 });
    const store = webdav.open({ url: dav.url, auth: { type: 'none' } });
    await store.list(ROOT, NEVER);
    let answer = () => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    dav.fault('', { below: true, delayMs: 5, until });
    const listings = Promise.all(Array.from({ length: 24 }, (_, i) => store.list(`c${i}` as ResourcePath, NEVER)));
    // Nothing is answered before as many were asked for, however slowly they arrive.
    await expect.poll(() => dav.peakInFlight).toBe(most);
    answer();
    await listings;
    expect(dav.peakInFlight).toBe(most);
  });

  test('is left alone by all spaces for as long as a 429 of one asks', async () => {
    const pauses: number[] = [];
    let now = 0;
    let passTime: () => void = () => undefined;
    const timePasses = new Promise<void>((resolve) => {
      passTime = resolve;
    });
    const sleep = (ms: number) => {
      pauses.push(ms);
      return timePasses;
    };
    const { dav } = await openStore();
    const webdav = createTestWebdav({ clock: () => now, steadyClock: () => now, sleep });
    const [store, neighbour] = [openAt(dav.url, { webdav }), openAt(dav.url, { webdav })];
    dav.tree.mkdir('a');
    dav.tree.mkdir('b');
    dav.fault('a', { status: 429, times: 1, headers: { 'Retry-After': '7' } });

    const first = store.list('a' as ResourcePath, NEVER);
    await vi.waitFor(() => expect(pauses).toEqual([7_000]));
    const second = neighbour.list('b' as ResourcePath, NEVER);
    expect(await Promise.race([second, setImmediate('still waiting')])).toBe('still waiting');
    expect(dav.requests).toHaveLength(1);

    now = 7_000;
    passTime();
    expect((await first).verdict).toEqual({ complete: true });
    expect((await second).verdict).toEqual({ complete: true });
    expect(dav.requests).toHaveLength(3);
    expect(pauses).toEqual([7_000]);
  });

  test('that takes only a few at once is slowed down to, and no listing is lost', async () => {
    let refusals = 0;
    const { url } = await startScriptedServer(async (_request, inFlight) => {
      if (inFlight > 3) {
        refusals++;
        return { status: 429 };
      }
      for (let i = 0; i < 20; i++) await setImmediate(); // long enough for others to arrive
      return null;
    });
    const webdav = createTestWebdav({ requestsPerHost: 16 });
    const stores = [openAt(url, { webdav }), openAt(url, { webdav })];
    const listings = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 100 }, (_, i) => store.list(`c${i}` as ResourcePath, NEVER))),
    );
    expect(listings.filter(({ verdict }) => !verdict.complete)).toEqual([]);
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThan(60);
  });
});

test('a date until which to wait is one of the storage’s own clock', async () => {
  const { dav, store, waits } = await openStore();
  const headers = { Date: 'Fri, 27 Nov 2026 10:00:00 GMT', 'Retry-After': 'Fri, 27 Nov 2026 10:00:07 GMT' };
  dav.fault('', { status: 502, headers, times: 1 });
  expect((await store.list(ROOT, NEVER)).verdict.complete).toBe(true);
  expect(waits).toEqual([7_000]);
});

test('an abort ends the wait between two attempts', async () => {
  const { dav, store } = await openStore({}, { sleep: sleepInRealTime });
  dav.fault('', { status: 503, headers: { 'Retry-After': '300' } });
  const controller = new AbortController();
  const reason = new Error('stopping');
  const listing = store.list(ROOT, controller.signal);
  await vi.waitFor(() => expect(dav.requests).toHaveLength(1));
  controller.abort(reason);
  await expect(listing).rejects.toBe(reason);
});

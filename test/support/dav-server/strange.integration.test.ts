import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, type DavServerOptions, startDavServer } from './dav-server.js';
import { IMPOSSIBLE_ENTRIES } from './impossible.js';
import { MISSING_STYLES } from './missing.js';
import { NO_HTTP, PLANTED_COOKIE } from './no-http.js';

let server: DavServer;
let now = Date.UTC(2026, 0, 5, 8);

async function start(options: DavServerOptions = {}): Promise<void> {
  server = await startDavServer({ now: () => now, ...options });
  server.tree.put('usb/a.ova', { size: 1 });
  server.tree.put('usb/deep/b.ova', { size: 2 });
}

async function restart(options: DavServerOptions): Promise<void> {
  await server.close();
  await start(options);
}

async function ask(path: string, depth = '1'): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${server.url}${path}`, { method: 'PROPFIND', headers: { Depth: depth } });
  return { status: answer.status, body: await answer.text() };
}
const hrefs = (body: string) => [...body.matchAll(/<D:href>([^<]*)</g)].map(([, href]) => href);

beforeEach(() => start());
afterEach(() => server.close());

describe('disks', () => {
  it('shows the bare mount point with its own date, and the disk again as it was', async () => {
    const { modifiedAt, version } = server.tree.marker('usb');
    const olderAt = modifiedAt - 86_400_000;
    server.tree.detach('usb', { modifiedAt: olderAt, strays: [{ name: '.DS_Store', size: 3 }] });
    expect(hrefs((await ask('usb/')).body)).toEqual(['/usb/', '/usb/.DS_Store']);
    expect(server.tree.marker('usb').modifiedAt).toBe(olderAt);
    expect(server.tree.marker('usb').version).not.toBe(version);
    expect([...(server.tree.away(server.tree.find('usb') ?? server.tree.root)?.keys() ?? [])]).toEqual([
      'a.ova',
      'deep',
    ]);
    expect((await ask('usb/deep/')).status).toBe(404);

    server.tree.attach('usb');
    expect(hrefs((await ask('usb/')).body)).toEqual(['/usb/', '/usb/a.ova', '/usb/deep/']);
    expect(server.tree.marker('usb')).toEqual({ modifiedAt, version });
    expect(() => server.tree.attach('usb')).toThrow('no disk');
  });
});

describe('spellings', () => {
  it.each([
    ['case', 'USB/', 207],
    ['form', 'USB/', 404],
    ['both', 'USB/', 207],
    ['none', 'USB/', 404],
  ] as const)('of names where %s makes no difference: %s is answered %i', async (spelling, path, status) => {
    await restart({ spelling });
    expect((await ask(path)).status).toBe(status);
  });

  it('repeats the URL that was asked for, or tells its own spelling', async () => {
    await restart({ spelling: 'both' });
    expect(hrefs((await ask('USB/')).body)).toEqual(['/USB/', '/USB/a.ova', '/USB/deep/']);
    await restart({ spelling: 'both', isSpellingItsOwn: true });
    expect(hrefs((await ask('USB/')).body)).toEqual(['/usb/', '/usb/a.ova', '/usb/deep/']);
  });

  it('takes NFC and NFD for one', async () => {
    await restart({ spelling: 'form' });
    server.tree.put('B\u00fcro/c.ova');
    expect((await ask(`${encodeURIComponent('Bu\u0308ro')}/`)).status).toBe(207);
  });
});

describe('what is missing', () => {
  it.each(MISSING_STYLES)('is told by %s', async (missing) => {
    await restart({ missing });
    const status = /^\d+$/.test(missing) ? Number(missing) : missing === 'html' ? 200 : 207;
    const { status: told, body } = await ask('nowhere/', '0');
    expect(told).toBe(status);
    if (missing.endsWith('-404')) expect(hrefs(body)).toEqual(['/nowhere/']);
    if (missing === 'empty') expect(body).not.toContain('response');
    server.fault('usb', { missing });
    expect((await ask('usb/', '0')).status).toBe(status);
  });
});

describe('strange listings', () => {
  it('tells nothing of a bare collection but its type', async () => {
    server.fault('usb', { bare: 'untold', times: 1 });
    const { body } = await ask('usb/');
    expect(hrefs(body)).toEqual(['/usb/']);
    expect(body).toContain('<D:collection/>');
    expect(body).not.toMatch(/getetag>|getlastmodified>/);

    now += 5_000;
    server.fault('usb', { bare: 'null-cache', times: 1 });
    const unreadable = (await ask('usb/')).body;
    expect(hrefs(unreadable)).toEqual(['/usb/']);
    expect(unreadable).toMatch(/getetag>""</);
    expect(unreadable).toContain(new Date(now).toUTCString());
  });

  it('shows entries that can be no members beside the others', async () => {
    server.fault('usb', { impossible: IMPOSSIBLE_ENTRIES });
    const shown = hrefs((await ask('usb/')).body);
    expect(shown.slice(0, 3)).toEqual(['/usb/', '/usb/a.ova', '/usb/deep/']);
    expect(shown.slice(3)).toEqual(['/usb/.', '/usb/..', '/usb/AC%2FDC.ova', '', '/usb', '/usb//', 'http://[::1']);
    expect(hrefs((await ask('usb/', '0')).body)).toEqual(['/usb/']);
  });

  it('gives a member a status of its own', async () => {
    server.fault('usb', { childStatus: { 'a.ova': 423 }, isChildStatusOfResponse: true });
    const { body } = await ask('usb/');
    expect(body).toMatch(/a\.ova<\/D:href>\s*<D:status>HTTP\/1\.1 423 Failed<\/D:status>/);
  });
});

describe('what is no HTTP', () => {
  it.each(NO_HTTP)('%s: the client is told a cookie and itself, and cut off', async (noHttp) => {
    server.fault('usb', { noHttp });
    const { port } = new URL(server.url);
    const text = await new Promise<string>((resolve) => {
      let said = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('PROPFIND /usb/ HTTP/1.1\r\nHost: a\r\nDepth: 1\r\nAuthorization: Basic x\r\n\r\n');
      });
      socket.setEncoding('latin1').on('data', (data: string) => {
        said += data;
      });
      socket.on('close', () => resolve(said));
    });
    expect(text).toContain(`${PLANTED_COOKIE}; you said Basic x`);
  });

  it('echoes what the client said of itself', async () => {
    server.fault('usb', { echo: true });
    const answer = await fetch(`${server.url}usb/`, { method: 'PROPFIND', headers: { Authorization: 'Basic x' } });
    expect(answer.status).toBe(400);
    expect(answer.statusText).toContain('Basic x');
    expect(await answer.text()).toContain('Basic x');
  });
});

describe('load', () => {
  it('answers so many requests in a window', async () => {
    server.setLoad({ kind: 'quota', requests: 2, windowMs: 60_000, status: 503 });
    const statuses = async (count: number) => {
      const all: number[] = [];
      for (let i = 0; i < count; i++) all.push((await ask('usb/')).status);
      return all;
    };
    expect(await statuses(4)).toEqual([207, 207, 503, 503]);
    now += 60_000;
    expect(await statuses(3)).toEqual([207, 207, 503]);

    server.setLoad({ kind: 'rate', perSecond: 2, burst: 1, status: 429 });
    expect(await statuses(2)).toEqual([207, 429]);
    now += 500;
    expect(await statuses(2)).toEqual([207, 429]);
    server.setLoad(null);
    expect(await statuses(1)).toEqual([207]);
  });
});

describe('another URL', () => {
  it('serves the same tree there, and nothing in the old place', async () => {
    server.setBasePath('/moved/');
    expect((await ask('usb/')).status).toBe(404);
    expect(hrefs((await ask('moved/usb/')).body)).toEqual(['/moved/usb/', '/moved/usb/a.ova', '/moved/usb/deep/']);
  });
});

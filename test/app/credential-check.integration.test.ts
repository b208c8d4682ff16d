import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCredentialCheck } from '../../src/app/credential-check.js';
import { createLocalCounts } from '../../src/auth/local-counts.js';
import { loadConfig } from '../../src/config/load.js';
import type { LogInCaller } from '../../src/domain/hosts/log-in-proof.js';
import { configFolder } from '../config/config-folder.js';
import { type DavServer, type DavServerOptions, startDavServer } from '../support/dav-server/dav-server.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { createNextcloud } from '../support/nextcloud/cloud.js';
import { startScriptedServer } from '../support/servers/scripted-server.js';

const ACCOUNT = { username: 'jm', password: 'geheim-ä:1' };
const NEVER = new AbortController().signal;

const CALLER: LogInCaller = { address: '192.0.2.1', network: '192.0.2.1', isKnown: false };

type Space = { user: string; url: string; auth?: object };

/** A storage, an index that knows these spaces, and the configuration that names them. */
async function createScene(
  options: DavServerOptions,
  spacesOf: (dav: DavServer) => readonly object[],
  more: object = {},
) {
  const dav = await startDavServer(options);
  onTestFinished(() => dav.close());
  dav.tree.put('jm/x.ova');
  dav.tree.put('kim/y.ova');
  const time = { now: 1_000_000 };
  const index = createMemoryIndex(() => time.now);
  const configure = async (entries: readonly object[]) => {
    const folder = await configFolder({
      'c.yaml': JSON.stringify({ data: { directory: 'data' }, spaces: entries, ...more }),
    });
    const config = await loadConfig(`${folder}/c.yaml`);
    const found = config.discoveries.map(({ url }) => ({ user: 'jm', url: `${url}jm/` }));
    await index.spaces.configure([...found, ...config.spaces], 'rules', time.now);
    return config;
  };
  const logLines: string[] = [];
  let steadyMs = 0;
  /** How long was waited because the storage asked for it, and after how many requests. */
  const pauses: { readonly ms: number; readonly after: number }[] = [];
  const credentials = createCredentialCheck(await configure(spacesOf(dav)), {
    catalogue: index.catalogue,
    counts: createLocalCounts(() => time.now),
    places: undefined,
    clock: () => time.now,
    pausing: {
      steadyClock: () => steadyMs,
      async sleep(ms, signal) {
        signal.throwIfAborted();
        pauses.push({ ms, after: dav.requests.length });
        steadyMs += ms;
      },
    },
    logger: pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) }),
  });
  onTestFinished(() => credentials.close());
  const asked = () => dav.requests.map(({ method, depth, path }) => `${method} ${depth} ${path}`);
  const check = (user: string, password: string, signal = NEVER, from: Partial<LogInCaller> = {}) =>
    credentials.check(user, password, { ...CALLER, ...from }, signal);
  return {
    dav,
    asked,
    check,
    time,
    pauses,
    logLines,
    reload: async (entries: readonly object[]) => credentials.reload(await configure(entries)),
  };
}

const SERVICE = { type: 'basic', username: 'svc', password: 'svc-secret' };
const ownSpace = (dav: DavServer, more: Partial<Space> = {}) => [
  { user: 'jm', url: `${dav.url}jm/`, auth: SERVICE, ...more },
];
const GUARDED = { auth: [ACCOUNT, { username: 'svc', password: 'svc-secret' }] };

const listing = (href: string) =>
  Buffer.from(
    `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`,
  );

describe('a password', () => {
  it('is good if the root of the user\u2019s own space takes it, and refuses whoever has none', async () => {
    const { check, asked, dav } = await createScene(GUARDED, ownSpace);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(asked()).toEqual(['PROPFIND 0 jm', 'PROPFIND 0 jm']);
    expect(dav.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false]);
  });

  it('is asked about in a session of its own: whoever logged in before lets nobody else in', async () => {
    const right = `Basic ${Buffer.from(`jm:${ACCOUNT.password}`).toString('base64')}`;
    const { url, requests } = await startScriptedServer(({ headers }) => {
      if (headers.cookie !== undefined) return null;
      const isGood = headers.authorization === right;
      return isGood ? { status: 207, headers: { 'Set-Cookie': 'session=1; path=/' } } : { status: 401 };
    });
    const { check } = await createScene({}, () => [{ user: 'jm', url, auth: SERVICE }]);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(await check('jm', 'geheim-2')).toBe('refused');
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(requests.map(({ headers }) => headers.cookie)).toEqual(requests.map(() => undefined));
  });

  it('is asked about anew each time, and what the storage says to whoever brings none as well', async () => {
    const { check, dav, asked } = await createScene(GUARDED, ownSpace);
    await check('jm', ACCOUNT.password);
    dav.forgetRequests();
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(asked()).toEqual(['PROPFIND 0 jm', 'PROPFIND 0 jm']);
  });

  it('proves nothing from the moment that the storage is open to everybody', async () => {
    const { url } = await startScriptedServer(({ headers, target }) => {
      const isLetIn = gate.isOpen || headers.authorization === right;
      return isLetIn ? { status: 207, body: listing(target) } : { status: 401 };
    });
    const gate: { isOpen: boolean } = { isOpen: false };
    const right = `Basic ${Buffer.from(`jm:${ACCOUNT.password}`).toString('base64')}`;
    const { check } = await createScene({}, () => [{ user: 'jm', url, auth: SERVICE }]);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    gate.isOpen = true;
    for (const guess of ['guess-0', ACCOUNT.password]) expect(await check('jm', guess)).toBe('refused');
  });

  it.each([401, 403, 404])('is refused by %i, after one question', async (status) => {
    const { check, dav, asked } = await createScene(GUARDED, ownSpace);
    if (status !== 401) dav.fault('jm', { status });
    expect(await check('jm', status === 401 ? 'wrong' : ACCOUNT.password)).toBe('refused');
    expect(asked()).toEqual(['PROPFIND 0 jm']);
  });

  it('is refused where it is another user\u2019s', async () => {
    const { check } = await createScene(GUARDED, ownSpace);
    expect(await check('jm', 'svc-secret')).toBe('refused');
  });

  it.each([
    ['is broken', { status: 500 }],
    ['is being mended', { status: 503 }],
    ['is being mended for a while', { status: 503, retryAfter: 120 }],
    ['asks for quiet', { status: 429, retryAfter: 120 }],
    ['asks for quiet without saying how long', { status: 429 }],
    ['takes no such request', { status: 405 }],
    ['hangs up', { reset: true }],
    ['shows a page to log in at', { html: true }],
    ['sends everybody elsewhere', { redirect: 'http://127.0.0.1:9/' }],
    ['breaks off', { cutAtByte: 100 }],
  ])('gets no answer where the storage %s, after one question', async (_, fault) => {
    const { check, dav, asked } = await createScene(GUARDED, ownSpace);
    dav.fault('jm', fault);
    expect(await check('jm', ACCOUNT.password)).toBe('unavailable');
    expect(asked()).toEqual(['PROPFIND 0 jm']);
  });

  it('gets no answer where nobody listens', async () => {
    const { check, dav } = await createScene(GUARDED, ownSpace);
    await dav.close();
    expect(await check('jm', ACCOUNT.password)).toBe('unavailable');
  });

  it('is not sent to a storage that asked for a pause, before its end', async () => {
    const { check, dav, pauses } = await createScene(GUARDED, ownSpace);
    dav.fault('jm', { status: 429, retryAfter: 120, times: 1 });
    expect(await check('jm', ACCOUNT.password)).toBe('unavailable');
    expect(pauses).toEqual([]);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(pauses).toEqual([{ ms: 120_000, after: 1 }]);
  });

  it('ends with its signal', async () => {
    const { dav, check, asked } = await createScene(GUARDED, ownSpace);
    dav.fault('jm', { stall: 'head' });
    const abort = new AbortController();
    const ended = expect(check('jm', ACCOUNT.password, abort.signal)).rejects.toThrow('enough');
    await expect.poll(asked).toHaveLength(1);
    abort.abort(new Error('enough'));
    await ended;
  });

  it('of a user without a space asks nobody', async () => {
    const { check, asked } = await createScene(GUARDED, ownSpace);
    expect(await check('svc', 'svc-secret')).toBe('no-space');
    expect(await check('JM', ACCOUNT.password)).toBe('no-space');
    expect(await check('jm/../kim', 'x')).toBe('no-space');
    expect(asked()).toEqual([]);
  });

  it('proves nothing to a storage that lets in whoever comes, and the log says so', async () => {
    for (const auth of [SERVICE, { type: 'none' }]) {
      const { check, logLines, dav } = await createScene({}, (each) => ownSpace(each, { auth }));
      expect(await check('jm', ACCOUNT.password)).toBe('refused');
      expect(logLines.join('')).toContain('this storage accepts any password');
      expect(logLines.join('')).toContain(`${dav.url}jm/`);
      expect(logLines.join('')).not.toContain(ACCOUNT.password);
    }
  });

  it('is told by Digest where the space is asked so', async () => {
    const { check, dav } = await createScene({ ...GUARDED, scheme: 'digest' }, (each) =>
      ownSpace(each, { auth: { ...SERVICE, type: 'digest' } }),
    );
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(await check('jm', 'wrong')).toBe('refused');
    expect(dav.requests.every(({ headers }) => headers.authorization?.startsWith('Basic') !== true)).toBe(true);
  });

  it('is good for a discovered space, too', async () => {
    const { check, asked } = await createScene(GUARDED, (dav) => [{ discover: dav.url, auth: SERVICE }]);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(asked()[0]).toBe('PROPFIND 0 jm');
  });

  it('goes to where another configuration has the space, and nowhere once it has none', async () => {
    const { check, dav, reload, asked } = await createScene(GUARDED, ownSpace);
    dav.tree.put('moved/x.ova');
    await reload([{ user: 'jm', url: `${dav.url}moved/`, auth: SERVICE }]);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(new Set(asked())).toEqual(new Set(['PROPFIND 0 moved']));
    await reload([]);
    expect(await check('jm', ACCOUNT.password)).toBe('no-space');
  });
});

describe('a storage that lets in whoever comes', () => {
  it.each([
    ['429', { status: 429, headers: { 'Retry-After': '1' } }],
    ['429 without a word', { status: 429 }],
    ['503', { status: 503 }],
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['400', { status: 400 }],
    ['405', { status: 405 }],
    ['200 and a page', { status: 200, headers: { 'Content-Type': 'text/html' }, body: Buffer.from('<html></html>') }],
    ['207 and nonsense', { status: 207, body: Buffer.from('<D:multi') }],
  ])('is not taken for a guarded one because it answered %s once', async (_, trouble) => {
    let isTroubled = true;
    const { url } = await startScriptedServer(({ headers, target }) => {
      if (headers.authorization !== undefined || !isTroubled) return { status: 207, body: listing(target) };
      isTroubled = false;
      return trouble;
    });
    const { check } = await createScene({}, () => [{ user: 'jm', url, auth: { type: 'none' } }]);
    expect(await check('jm', 'guess-0')).toBe('unavailable');
    for (const guess of ['guess-1', 'guess-2']) expect(await check('jm', guess)).toBe('refused');
  });

  it.each([403, 404, 302])('is found out at the next log-in where it refused once by %i', async (status) => {
    let refusals = 1;
    const { url } = await startScriptedServer(({ headers, target }) => {
      const isRefused = headers.authorization === undefined && refusals-- > 0;
      return isRefused ? { status, headers: { Location: '/log-in' } } : { status: 207, body: listing(target) };
    });
    const { check } = await createScene({}, () => [{ user: 'jm', url, auth: { type: 'none' } }]);
    await check('jm', 'guess-0');
    expect(await check('jm', 'guess-1')).toBe('refused');
  });
});

describe('a storage that locks an address after some failed log-ins', () => {
  const CLOUD = { ...GUARDED, basePath: '/remote.php/dav/files/' };
  const MINUTE = 60_000;
  const place = (n: number) => ({ network: `198.51.100.${n}`, address: `198.51.100.${n}` });

  it('is asked about three wrong passwords of strangers in half an hour, and the log says why no more', async () => {
    const { check, asked, time, logLines, dav } = await createScene(CLOUD, ownSpace);
    const guess = (n: number) => check('jm', `guess-${n}`, NEVER, place(n));
    for (let n = 0; n < 3; n++) expect(await guess(n)).toBe('refused');
    for (let n = 3; n < 1_000; n++) expect(await guess(n)).toEqual({ retryAt: time.now + 30 * MINUTE });
    expect(asked()).toHaveLength(3);
    const told = logLines.filter((line) => line.includes('allow-list'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`log-ins at ${new URL(dav.url).origin} are refused until`);
    time.now += 30 * MINUTE;
    expect(await check('jm', ACCOUNT.password, NEVER, place(5))).toBe('good');
  });

  it('is asked for whoever is known at a place all the while, and for strangers while one place guesses', async () => {
    const { check } = await createScene(CLOUD, ownSpace);
    for (let n = 0; n < 50; n++) await check('jm', `guess-${n}`, NEVER, place(1));
    expect(await check('jm', ACCOUNT.password, NEVER, place(2))).toBe('good');
    for (let n = 0; n < 50; n++) await check('jm', `guess-${n}`, NEVER, place(n));
    const home = { ...place(200), isKnown: true };
    for (let n = 0; n < 10; n++) expect(await check('jm', ACCOUNT.password, NEVER, home)).toBe('good');
  });

  it('does not tell by it who has a space', async () => {
    const { check, asked } = await createScene(CLOUD, ownSpace);
    const answers = async (user: string, at: number) =>
      [await check(user, 'x', NEVER, place(at)), await check(user, 'x', NEVER, place(at))] as const;
    expect(await answers('nobody', 1)).toEqual(['no-space', 'no-space']);
    expect(await answers('jm', 2)).toEqual(['refused', expect.objectContaining({ retryAt: expect.any(Number) })]);
    const [here, there] = [await check('nobody', 'x', NEVER, place(3)), await check('jm', 'x', NEVER, place(3))];
    expect(here).toEqual(there);
    expect(asked()).toHaveLength(1);
  });

  it.each([503, 429, 500])(
    'is not counted where it answers %i, which says nothing about a password',
    async (status) => {
      const { check, dav } = await createScene(CLOUD, ownSpace);
      dav.fault('jm', { status, times: 3 });
      for (let n = 0; n < 3; n++) expect(await check('jm', ACCOUNT.password, NEVER, place(n))).toBe('unavailable');
      expect(await check('jm', ACCOUNT.password, NEVER, place(9))).toBe('good');
    },
  );

  it('is asked as often as the configuration says', async () => {
    const guesses = async (failedLogIns: unknown, options: DavServerOptions = CLOUD) => {
      const { check, asked } = await createScene(options, ownSpace, { auth: { failedLogIns } });
      for (let n = 0; n < 20; n++) await check('jm', `guess-${n}`, NEVER, place(n));
      return asked().length;
    };
    expect([await guesses('auto'), await guesses(8), await guesses('off')]).toEqual([3, 6, 20]);
    expect([await guesses('auto', GUARDED), await guesses(8, GUARDED)]).toEqual([20, 6]);
  });

  it('is known by its properties behind a proxy that hides its URL', async () => {
    const { check } = await createScene({ ...GUARDED, markers: 'nextcloud' }, ownSpace);
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    for (let n = 0; n < 3; n++) expect(await check('jm', 'guess', NEVER, place(n))).toBe('refused');
    expect(await check('jm', 'guess', NEVER, place(4))).toHaveProperty('retryAt');
  });
});

describe('a password at a Nextcloud that is told the addresses of clients', () => {
  const OTHERS = { auth: { failedLogIns: 'auto' } };
  /** `trusts`: it believes them. */
  const createForwarding = async ({ trusts = true, named = true, more = {} as object } = {}) => {
    const cloud = await createNextcloud({
      users: { jm: { password: ACCOUNT.password }, kim: {} },
      trustedProxies: trusts ? ['127.0.0.1'] : [],
    });
    onTestFinished(() => cloud.close());
    const auth = named ? { forwardClientAddress: [`${cloud.url}/`] } : OTHERS.auth;
    const spaces = () => [{ user: 'jm', url: cloud.user('jm').url, auth: SERVICE, ...more }];
    return { ...(await createScene({}, spaces, { auth })), cloud };
  };
  const from = (address: string, isKnown = false) => ({ address, network: address, isKnown });
  const addresses = (cloud: { requests: readonly { address: string }[] }) =>
    new Set(cloud.requests.map(({ address }) => address));

  it('is counted by the address of each, which stays below what locks it', async () => {
    const { check, cloud, time } = await createForwarding();
    for (let n = 0; n < 3; n++) expect(await check('jm', `guess-${n}`, NEVER, from('192.0.2.1'))).toBe('refused');
    expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.1'))).toEqual({ retryAt: time.now + 1_800_000 });
    expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.1', true))).toBe('good');
    for (let n = 2; n < 60; n++) expect(await check('jm', `guess-${n}`, NEVER, from(`192.0.2.${n}`))).toBe('refused');
    expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.99'))).toBe('good');
    expect([cloud.throttle.attempts('192.0.2.1'), cloud.throttle.attempts('127.0.0.1')]).toEqual([3, 0]);
    expect(addresses(cloud).has('127.0.0.1')).toBe(false);
  });

  it('is counted as before for whoever has no address', async () => {
    const { check, cloud } = await createForwarding();
    const answers: unknown[] = [];
    for (let n = 0; n < 4; n++) answers.push(await check('jm', 'guess', NEVER, from('unix')));
    expect(answers.slice(0, 2)).toEqual(['refused', 'refused']);
    expect(answers[2]).toHaveProperty('retryAt');
    expect(cloud.throttle.attempts('127.0.0.1')).toBe(2);
  });

  it('tells no address to a storage that the configuration does not name', async () => {
    const { check, cloud } = await createForwarding({ named: false });
    expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.1'))).toBe('good');
    expect(addresses(cloud)).toEqual(new Set(['127.0.0.1']));
  });

  it('takes the place of an address that the configuration sends with every request', async () => {
    const more = { headers: { 'x-forwarded-for': '203.0.113.1' } };
    const { check, cloud } = await createForwarding({ more });
    expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.1'))).toBe('good');
    expect(addresses(cloud)).toEqual(new Set(['192.0.2.1']));
  });

  it('makes nobody else wait if it refuses one of them', async () => {
    const { check, cloud } = await createForwarding();
    for (let n = 0; n < 11; n++) cloud.throttle.noteFailure('192.0.2.1');
    for (let n = 0; n < 20; n++) {
      expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.1'))).toBe('unavailable');
      expect(await check('jm', ACCOUNT.password, NEVER, from('192.0.2.2'))).toBe('good');
    }
  });

  it('is told none any more if it seems to believe none, and the log says what to do', async () => {
    const { check, cloud, logLines, time } = await createForwarding({ trusts: false });
    for (let n = 0; n < 20; n++) await check('jm', 'guess', NEVER, from(`192.0.2.${n}`));
    expect(cloud.throttle.attempts('127.0.0.1')).toBe(11);
    const told = logLines.filter((line) => line.includes('trusted_proxies'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('auth.forwardClientAddress');
    cloud.throttle.reset('127.0.0.1');
    time.now += 60_000;
    for (let n = 20; n < 60; n++) await check('jm', 'guess', NEVER, from(`192.0.2.${n}`));
    expect(cloud.throttle.attempts('127.0.0.1')).toBeLessThanOrEqual(3);
  });
});

describe('a password at a Nextcloud that may be linked', () => {
  const linking = (url: string, keepAppPasswords: boolean) => ({
    link: { origins: [{ url: `${url}/remote.php/dav/files/{user}/` }] },
    auth: { keepAppPasswords },
  });

  it('is good for a user without a space only if app passwords are kept', async () => {
    const cloud = await createNextcloud({ users: { jm: { password: ACCOUNT.password } } });
    onTestFinished(() => cloud.close());
    const { check } = await createScene({}, () => [], linking(cloud.url, true));
    expect(await check('jm', ACCOUNT.password)).toBe('good');
    expect(await check('jm', 'a guess')).toBe('refused');
    const without = await createScene({}, () => [], linking(cloud.url, false));
    cloud.forgetRequests();
    expect(await without.check('jm', ACCOUNT.password)).toBe('no-space');
    expect(cloud.requests).toEqual([]);
  });

  it('is refused under another name that the storage takes as well, such as a mail address', async () => {
    const { url } = await startScriptedServer(({ headers, target }) =>
      headers.authorization === undefined ? { status: 401 } : { status: 207, body: listing(target) },
    );
    const { check } = await createScene({}, () => [], linking(url.slice(0, -1), true));
    expect(await check('jm@example.org', ACCOUNT.password)).toBe('refused');
  });
});

describe('a password at a Nextcloud that shows another\u2019s home without a marker', () => {
  const user = 'kim@example.org';
  const cloud = async () => {
    const { url } = await startScriptedServer(({ headers, target }) =>
      headers.authorization === undefined ? { status: 401 } : { status: 207, body: listing(target) },
    );
    return `${url}remote.php/dav/files/`;
  };

  it.each(['credentials', 'none'])('is refused for a configured space with %s, too', async (which) => {
    const url = `${await cloud()}${user}/`;
    const auth = which === 'none' ? { type: 'none' } : SERVICE;
    const { check } = await createScene({}, () => [{ user, url, auth }]);
    expect(await check(user, ACCOUNT.password)).toBe('refused');
  });

  it('is refused for a discovered space, too', async () => {
    const url = await cloud();
    const { check } = await createScene({}, () => [{ discover: url, auth: SERVICE }]);
    expect(await check('jm', ACCOUNT.password)).toBe('refused');
  });
});

describe('a password at an address that leads each account home', () => {
  /** A Nextcloud with two homes; space `mail`, named like one's mail address, is the other's. */
  async function home(entry: (cloud: Awaited<ReturnType<typeof createNextcloud>>) => object = () => ({})) {
    const cloud = await createNextcloud({ users: { jm: { password: ACCOUNT.password }, lab: {} } });
    onTestFinished(() => cloud.close());
    cloud.addName('jm', 'kim@example.org');
    const { secret } = cloud.user('lab').mintAppPassword();
    const url = `${cloud.url}/remote.php/webdav/`;
    const auth = { type: 'basic', username: 'lab', password: secret };
    const entries = () => [{ user: 'kim@example.org', url, auth, ...entry(cloud) }];
    const scene = await createScene({}, entries);
    return { ...scene, cloud, url, reload: () => scene.reload(entries()) };
  }
  const kim = 'kim@example.org';
  const LAB = 'the own secret of lab';

  it('is refused if it opens another home than the one that is crawled', async () => {
    const { check, cloud } = await home();
    expect(await check(kim, ACCOUNT.password)).toBe('refused');
    cloud.addName('lab', kim);
    expect(await check(kim, LAB)).toBe('good');
  });

  it('is good in any spelling of the name if it opens that one, which is asked for once', async () => {
    const { check, cloud, reload } = await home();
    cloud.addName('lab', kim);
    for (const asked of [3, 2]) {
      cloud.forgetRequests();
      expect(await check(kim, LAB)).toBe('good');
      expect(cloud.requests).toHaveLength(asked);
    }
    await reload();
    cloud.forgetRequests();
    expect(await check(kim, LAB)).toBe('good');
    expect(cloud.requests).toHaveLength(3);
  });

  it('is good for a folder that both have, such as a team folder', async () => {
    const { check } = await home((cloud) => {
      cloud.addTeamFolder('team', ['jm', 'lab']);
      return { url: `${cloud.url}/remote.php/webdav/team/` };
    });
    expect(await check(kim, ACCOUNT.password)).toBe('good');
  });

  it('gets no answer while the space\u2019s own credentials are of no use', async () => {
    const { check, cloud, logLines } = await home();
    cloud.addName('lab', kim);
    for (const appPassword of cloud.user('lab').appPasswords) cloud.user('lab').revoke(appPassword);
    expect(await check(kim, LAB)).toBe('unavailable');
    expect(logLines.join()).toContain('address below /remote.php/dav/files/');
    expect(logLines.join()).not.toContain(LAB);
  });
});

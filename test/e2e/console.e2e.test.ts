import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { type Issuer, startIssuer } from '../support/issuer.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

const SERVICE = { username: 'svc', password: 'the service’s own secret' };
const JM = { username: 'jm', password: 'jm’s own secret' };
const LAB = { username: 'lab', password: 'lab’s own secret' };
const PREFIX = '/images';

/** Headers of a form that a page of this server sends. */
const OWN = { 'sec-fetch-site': 'same-origin' };

let dav: DavServer;
let issuer: Issuer;
let ovadex: Ovadex;
let daemon: ServerProcess;

beforeAll(async () => {
  dav = await startDavServer({ auth: [SERVICE, JM, LAB] });
  for (const user of ['jm', 'lab']) dav.tree.put(`${user}/of-${user}.ova`, { size: 1 });
  issuer = await startIssuer('ES256');
  issuer.person.secret = 's3cret-of-the-console';
  ovadex = await installOvadex();
  ovadex.configure({
    // As behind a proxy that takes the prefix away.
    server: { publicUrl: `http://127.0.0.1${PREFIX}`, trustedProxies: ['127.0.0.1'] },
    storage: { auth: { type: 'basic', ...SERVICE } },
    spaces: ['jm', 'lab'].map((user) => ({ user, url: `${dav.url}${user}/` })),
    auth: {
      issuers: [
        {
          issuer: issuer.url,
          audience: 'ovadex',
          algorithms: ['ES256'],
          adminClaim: 'roles',
          adminValue: 'boss',
          signIn: { clientId: 'console', clientSecret: issuer.person.secret, label: 'Example University' },
        },
      ],
    },
  });
  for (const user of ['jm', 'lab']) await ovadex.sync(user);
  daemon = await ovadex.serve();
});

afterAll(async () => {
  await daemon.stop();
  ovadex.remove();
  await issuer.close();
  await dav.close();
});

/** A browser without scripts: it keeps cookies by their paths and follows where it is sent. */
function createBrowser(address = '203.0.113.7') {
  const jar = new Map<string, { readonly value: string; readonly path: string }>();
  const pathOf = (target: string) => new URL(target, `http://127.0.0.1${PREFIX}/`).pathname;

  const ask = async (target: string, init: RequestInit = {}): Promise<Response> => {
    const path = pathOf(target);
    const sent = [...jar]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, { value }]) => `${name}=${value}`);
    const { search } = new URL(target, 'http://127.0.0.1');
    const response = await fetch(`${daemon.url}${path.slice(PREFIX.length)}${search}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: sent.join('; '), 'x-forwarded-for': address, ...(init.headers as Record<string, string>) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const [, cookiePath = '/'] = /; Path=([^;]+)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, { value, path: cookiePath });
    }
    return response;
  };
  const follow = async (response: Response): Promise<Response> => {
    const location = response.headers.get('location');
    return location === null ? response : await follow(await ask(location));
  };
  const post = (target: string, fields: Record<string, string>, headers: Record<string, string> = OWN) =>
    ask(target, { method: 'POST', body: new URLSearchParams(fields), headers });
  return {
    jar,
    ask,
    post,
    get: async (target: string) => follow(await ask(target)),
    signIn: async (fields: Record<string, string>) => follow(await post(`${PREFIX}/console/sign-in`, fields)),
    /** The token of the forms of this session. */
    async formToken() {
      const html = await (await ask(`${PREFIX}/console/images`)).text();
      return /name="form" value="([^"]+)"/.exec(html)?.[1] ?? '';
    },
  };
}

const asUser = ({ username, password }: typeof JM) => ({ user: username, password });

describe('the console of a daemon', () => {
  it('shows the images of whoever has signed in, and of nobody else', async () => {
    const [jm, lab] = [createBrowser(), createBrowser()];
    const pages = [await jm.signIn(asUser(JM)), await lab.signIn(asUser(LAB))];
    const [ofJm = '', ofLab = ''] = await Promise.all(pages.map((page) => page.text()));
    expect(ofJm).toContain('of-jm.ova');
    expect(ofJm).not.toContain('of-lab.ova');
    expect(ofLab).toContain('of-lab.ova');
    expect(ofLab).not.toContain('of-jm.ova');
    // Neither has rights that a token of the API would not have.
    expect((await jm.ask(`${PREFIX}/console/admin/spaces`)).status).not.toBe(200);
  });

  it('keeps the session in a cookie that no script, no other site and no other path is given', async () => {
    const browser = createBrowser();
    const answer = await browser.post(`${PREFIX}/console/sign-in`, asUser(JM));
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^ovadex-session=[\w-]{43}; Path=\/images\/console; HttpOnly; Secure; SameSite=Strict$/);
    const before = browser.jar.get('ovadex-session')?.value;
    await browser.post(`${PREFIX}/console/sign-in`, asUser(JM));
    expect(browser.jar.get('ovadex-session')?.value).not.toBe(before);
  });

  it('ends the session and its token at the server when somebody signs out', async () => {
    const browser = createBrowser();
    await browser.signIn(asUser(JM));
    const kept = new Map(browser.jar);
    const form = await browser.formToken();
    const tokensOf = async () => (await ovadex.run('token', 'list', '--user', 'jm', '--log-ins', '--json')).stdout;
    const valid = async () =>
      (JSON.parse(await tokensOf()) as { tokens: { valid: boolean }[] }).tokens.filter((token) => token.valid).length;
    const before = await valid();
    expect((await browser.post(`${PREFIX}/console/sign-out`, { form })).status).toBe(303);
    expect(await valid()).toBe(before - 1);
    for (const [name, cookie] of kept) browser.jar.set(name, cookie);
    expect((await browser.ask(`${PREFIX}/console/images`)).status).toBe(401);
  });

  it('does nothing for a form that it has not shown', async () => {
    const browser = createBrowser();
    await browser.signIn(asUser(JM));
    const other = createBrowser();
    await other.signIn(asUser(JM));
    const form = await browser.formToken();
    const target = `${PREFIX}/console/sign-out`;
    const forged: [Record<string, string>, Record<string, string>][] = [
      [{}, OWN],
      [{ form: '' }, OWN],
      [{ form: await other.formToken() }, OWN],
      [{ form }, { 'sec-fetch-site': 'cross-site' }],
      [{ form }, { 'sec-fetch-site': 'same-site' }],
      [{ form }, { origin: 'https://evil.example' }],
      [{ form }, {}],
    ];
    for (const [fields, headers] of forged) {
      expect((await browser.post(target, fields, headers)).status, JSON.stringify(headers)).toBe(403);
    }
    const json = {
      method: 'POST',
      body: JSON.stringify({ form }),
      headers: { ...OWN, 'content-type': 'application/json' },
    };
    expect((await browser.ask(target, json)).status).toBe(403);
    expect((await browser.post(target, { form, more: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await browser.ask(target)).status).toBe(404); // never by a link
    expect((await browser.ask(`${PREFIX}/console/images`)).status).toBe(200);
    // A sign-in that another site has sent would show somebody the images of another.
    const strange = await createBrowser().post(`${PREFIX}/console/sign-in`, asUser(JM), {
      'sec-fetch-site': 'cross-site',
    });
    expect([strange.status, strange.headers.getSetCookie()]).toEqual([403, []]);
  });

  it('counts who guesses together with the API, by the address that the proxy names', async () => {
    const guesser = createBrowser('198.51.100.9');
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess++) {
      statuses.push(
        (await guesser.post(`${PREFIX}/console/sign-in`, { user: 'lab', password: `guess ${guess}` })).status,
      );
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const api = await fetch(`${daemon.url}/auth/request-token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('lab:another')}`, 'x-forwarded-for': '198.51.100.9' },
    });
    expect(api.status).toBe(429);
    expect((await createBrowser('203.0.113.8').signIn(asUser(LAB))).status).toBe(200);
  });

  it('leads back to the page that was wanted, and nowhere else', async () => {
    const cases = [
      ['/images?name=of', '/images?name=of'],
      ['//evil.example/', ''],
      ['/\\evil.example', ''],
      ['https://evil.example/', ''],
      ['/sign-out', ''],
      ['/%0d%0aSet-Cookie:x=y', ''],
    ];
    for (const [next = '', expected = ''] of cases) {
      const browser = createBrowser();
      const entered = await browser.post(`${PREFIX}/console/sign-in`, { ...asUser(JM), next });
      const led = await browser.ask(entered.headers.get('location') ?? '');
      expect(led.headers.get('location'), next).toBe(`${PREFIX}/console${expected}`);
    }
    const asked = await createBrowser().ask(`${PREFIX}/console/images?name=of`);
    expect([asked.status, await asked.text()]).toEqual([
      401,
      expect.stringContaining('name="next" value="/images?name=of"'),
    ]);
  });

  it('sends a browser that comes by a link on another site on to itself, since that leaves the cookie out', async () => {
    const answer = await createBrowser().ask(`${PREFIX}/console/images`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(await answer.text()).toContain('<meta http-equiv="refresh" content="0"');
  });

  it('signs people in at the organisation’s issuer, by a way that only this browser can finish', async () => {
    issuer.person.claims = { sub: 'jm' };
    const browser = createBrowser();
    expect(await (await browser.ask(`${PREFIX}/console/sign-in`)).text()).toContain('Sign in with Example University');
    const begun = await browser.ask(`${PREFIX}/console/sign-in/with/0?next=/why`);
    expect(begun.headers.getSetCookie()[0]).toMatch(
      /^ovadex-sign-in=[\w-]{43}; Max-Age=600; Path=\/images\/console\/sign-in; HttpOnly; Secure; SameSite=Lax$/,
    );
    const consent = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(consent.headers.get('location') ?? '');
    expect(back.pathname).toBe(`${PREFIX}/console/sign-in/callback`);
    const target = back.pathname + back.search;
    expect((await createBrowser().ask(target)).status).toBe(400);
    const entered = await browser.ask(target);
    expect([entered.status, await entered.text()]).toEqual([200, expect.stringContaining('http-equiv="refresh"')]);
    expect(await (await browser.get(`${PREFIX}/console/images`)).text()).toContain('of-jm.ova');
    expect((await browser.ask(target)).status).toBe(400); // once
    const form = await browser.formToken();
    await browser.post(`${PREFIX}/console/sign-out`, { form });
    expect((await browser.ask(`${PREFIX}/console/images`)).status).toBe(401);
  });

  it('makes an administrator of whom the issuer says so', async () => {
    issuer.person.claims = { sub: 'root', roles: ['boss'] };
    const browser = createBrowser();
    const begun = await browser.ask(`${PREFIX}/console/sign-in/with/0`);
    const consent = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(consent.headers.get('location') ?? '');
    await browser.ask(back.pathname + back.search);
    expect(await (await browser.get(`${PREFIX}/console/images`)).text()).toContain('/images/console/admin');
  });

  it('says that the issuer is down, and offers the other ways', async () => {
    issuer.fail('down');
    const fresh = createBrowser();
    const begun = await fresh.ask(`${PREFIX}/console/sign-in/with/0`);
    if (begun.status === 303) {
      // It is known from before; then the answer fails.
      const back = new URL(begun.headers.get('location') ?? '').searchParams;
      const answer = await fresh.ask(
        `${PREFIX}/console/sign-in/callback?code=x&state=${back.get('state')}&iss=${issuer.url}`,
      );
      expect(answer.status).toBe(503);
      expect(await answer.text()).toMatch(/Example University does not answer[\s\S]*name="password"/);
    }
    issuer.fail(null);
  });

  it('answers everything with the same care: no page is kept, framed, or runs what it has not brought', async () => {
    const browser = createBrowser();
    await browser.signIn(asUser(JM));
    const wanted: [string, string, number][] = [
      ['GET', '/console/images', 200],
      ['HEAD', '/console/images', 200],
      ['GET', '/console/images/', 200],
      ['GET', '/console/nothing', 404],
      ['PUT', '/console/images', 405],
      ['GET', '/console/sign-in/callback', 400],
    ];
    for (const [method, path, status] of wanted) {
      const answer = await browser.ask(PREFIX + path, { method });
      const { headers } = answer;
      expect([path, answer.status]).toEqual([path, status]);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
      expect(headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
    }
    const html = await (await browser.ask(`${PREFIX}/console/images`)).text();
    expect(html).not.toMatch(/<script>|<style|style="|onclick|javascript:/);
    const root = await browser.ask(`${PREFIX}/`, { headers: { accept: 'text/html' } });
    expect(root.headers.get('location')).toBe('http://127.0.0.1/images/console');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPlainly, type PlainAnswer, propfindPlainly } from '../plain-http.js';
import { createNextcloud, type Nextcloud } from './cloud.js';

const MINUTE_MS = 60_000;

describe('logging in to the modelled Nextcloud', () => {
  let cloud: Nextcloud;
  let now: number;
  beforeEach(async () => {
    now = Date.parse('2026-11-26T12:00:00Z');
    cloud = await createNextcloud({
      users: { jm: {}, lab: {}, admin: { isAdmin: true } },
      now: () => now,
      trustedProxies: ['127.0.0.1'],
    });
  });
  afterEach(() => cloud.close());

  const basic = (user: string, password: string) => ({
    Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });
  const ask = (user: string, password: string, headers: Record<string, string> = {}) =>
    propfindPlainly(cloud.user('jm').url, { headers: { ...basic(user, password), ...headers }, depth: '0' });
  const cookiesOf = ({ headers }: PlainAnswer, but: (name: string) => boolean = () => false) => {
    const pairs = (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]?.split('=', 2) ?? []);
    const jar = new Map(pairs.map(([name = '', value = '']) => [name, value]));
    return { Cookie: [...jar].flatMap(([name, value]) => (but(name) ? [] : [`${name}=${value}`])).join('; ') };
  };
  const ocs = (method: string, path: string, headers: Record<string, string>) =>
    askPlainly(`${cloud.url}/ocs/${path}`, { method, headers: { 'OCS-APIRequest': 'true', ...headers } });
  const dataOf = ({ body }: PlainAnswer) => JSON.parse(body.toString()).ocs;

  it('by an app password costs a log-in and a session file each time, but for cookies that are sent back', async () => {
    const { secret } = cloud.user('jm').mintAppPassword();
    const first = await ask('jm', secret);
    await ask('jm', secret);
    const third = await ask('jm', secret, cookiesOf(first));
    expect([first.status, third.status, third.headers['set-cookie']]).toEqual([207, 207, undefined]);
    expect(cloud.costs).toMatchObject({ requests: 3, fullLogIns: 2, cookieLogIns: 1, sessionFiles: 2, cpuMs: 100 });
    const lost = cookiesOf(first, (name) => name === 'nc_sameSiteCookiestrict');
    expect((await ask('jm', secret, lost)).status).toBe(412);
  });

  it('by the real password lasts only once the test cookie came back, and five minutes beyond the password', async () => {
    const { password } = cloud.user('jm').account;
    const first = await ask('jm', password);
    const again = await ask('jm', password, cookiesOf(first));
    const jar = { Cookie: `${cookiesOf(first).Cookie}; ${cookiesOf(again).Cookie}` };
    expect((await ask('jm', password, jar)).status).toBe(207);
    expect(cloud.requests.map(({ logIn }) => logIn)).toEqual(['password', 'password', 'cookie-password']);
    cloud.user('jm').setPassword('another one of jm');
    expect((await ask('jm', password, jar)).status).toBe(207);
    now += 6 * MINUTE_MS;
    expect((await ask('jm', password, jar)).status).toBe(401);
  });

  it('by an app password is refused some minutes after the password was changed, until a log-in with the new one', async () => {
    const jm = cloud.user('jm');
    const { secret } = jm.mintAppPassword();
    jm.setPassword('another one of jm');
    now += 6 * MINUTE_MS;
    expect((await ask('jm', secret)).status).toBe(207); // nobody has shown the password since it was made
    expect((await ask('jm', 'another one of jm')).status).toBe(207);
    const jar = cookiesOf(await ask('jm', secret));
    jm.setPassword('a third one of jm');
    now += 4 * MINUTE_MS;
    expect((await ask('jm', secret)).status).toBe(207);
    now += 2 * MINUTE_MS;
    expect((await ask('jm', secret, jar)).status).toBe(401);
    expect((await ask('jm', secret)).status).toBe(401);
    expect((await ask('jm', 'a third one of jm')).status).toBe(207);
    expect((await ask('jm', secret)).status).toBe(207);
  });

  it('ends with a revoked app password, its sessions too; a disabled user is unavailable', async () => {
    const jm = cloud.user('jm');
    const appPassword = jm.mintAppPassword();
    const jar = cookiesOf(await ask('jm', appPassword.secret));
    jm.account.isEnabled = false;
    const disabled = await ask('jm', appPassword.secret);
    expect(disabled).toMatchObject({ status: 503, headers: { connection: 'close' } });
    expect(disabled.body.toString()).toContain('OC\\User\\DisabledUserException: Account disabled');
    jm.account.isEnabled = true;
    jm.revoke(appPassword);
    expect((await ask('jm', appPassword.secret, jar)).status).toBe(401);
  });

  it('is refused to an address after its eleventh failure, for half an hour, but to no session', async () => {
    const { secret } = cloud.user('jm').mintAppPassword();
    const jar = cookiesOf(await ask('jm', secret));
    const statuses: number[] = [];
    for (let at = 0; at < 12; at++) statuses.push((await ask('lab', `guess ${at}`)).status);
    expect(statuses).toEqual([...Array(11).fill(401), 429]);
    const closed = await ask('jm', secret);
    expect(closed.status).toBe(429);
    expect(closed.headers).not.toHaveProperty('retry-after');
    expect((await ask('jm', secret, jar)).status).toBe(207);
    expect((await ask('jm', secret, { 'X-Forwarded-For': '192.0.2.7' })).status).toBe(207);
    now += 31 * MINUTE_MS;
    expect((await ask('jm', secret)).status).toBe(207);
  });

  it('shows the files neither to an app password that may not see them, nor to anybody else', async () => {
    cloud.user('jm').put('x.ova');
    const appPassword = cloud.user('jm').mintAppPassword();
    appPassword.hasFileAccess = false;
    const body = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>';
    const listed = (headers: Record<string, string>) => propfindPlainly(cloud.user('jm').url, { headers, body });
    const empty = (await listed(basic('jm', appPassword.secret))).body.toString();
    expect(empty).toContain('<d:getetag>&quot;&quot;</d:getetag>');
    expect(empty).not.toContain('x.ova');
    const others = (await listed(basic('admin', cloud.user('admin').account.password))).body.toString();
    expect(others).not.toContain('x.ova');
  });

  it('exchanges the real password for an app password, once and for all by OCS', async () => {
    const { password } = cloud.user('jm').account;
    const path = 'v2.php/core/getapppassword?format=json';
    const headers = { ...basic('jm', password), 'User-Agent': 'ovadex' };
    const { apppassword } = dataOf(await ocs('GET', path, headers)).data;
    expect(cloud.user('jm').appPasswords).toMatchObject([{ name: 'ovadex', secret: apppassword }]);
    expect((await ask('jm', apppassword)).status).toBe(207);
    expect((await ocs('GET', path, basic('jm', apppassword))).status).toBe(403);
    expect((await ocs('DELETE', 'v2.php/core/apppassword', basic('jm', apppassword))).status).toBe(200);
    expect((await ask('jm', apppassword)).status).toBe(401);
    expect((await ocs('GET', path, { ...basic('jm', password), 'OCS-APIRequest': '' })).status).toBe(412);
    expect((await ocs('GET', path, {})).status).toBe(401);
  });

  it('lets an admin list the users by OCS, in pages', async () => {
    const path = 'v1.php/cloud/users?format=json';
    const asAdmin = basic('admin', cloud.user('admin').account.password);
    const ok = { status: 'ok', statuscode: 100, message: 'OK', totalitems: '', itemsperpage: '' };
    const all = await ocs('GET', path, asAdmin);
    expect(dataOf(all)).toEqual({ meta: ok, data: { users: ['admin', 'jm', 'lab'] } });
    const page = await ocs('GET', `${path}&limit=1&offset=1`, asAdmin);
    expect(dataOf(page).data).toEqual({ users: ['jm'] });
    expect(dataOf(await ocs('GET', `${path}&search=LA`, asAdmin)).data).toEqual({ users: ['lab'] });
    const refused = await ocs('GET', path, basic('jm', cloud.user('jm').account.password));
    expect([refused.status, dataOf(refused).meta.statuscode]).toEqual([200, 403]);
    const nobody = await ocs('GET', path, {});
    expect([nobody.status, dataOf(nobody).meta.statuscode]).toEqual([401, 997]);
  });

  it('gives a program an app password that the user grants in a browser, once', async () => {
    const post = (url: string, body = '') =>
      askPlainly(url, {
        method: 'POST',
        body,
        headers: { 'User-Agent': 'ovadex', 'Content-Type': 'application/x-www-form-urlencoded' },
      });
    const jm = cloud.user('jm');
    jm.account.needsSecondFactor = true;
    const { poll, login } = JSON.parse((await post(`${cloud.url}/index.php/login/v2`)).body.toString());
    const look = () => post(poll.endpoint, `token=${poll.token}`);
    expect((await look()).status).toBe(404);
    expect(await jm.grant(login)).toBe(200);
    const granted = await look();
    expect(granted.status).toBe(200);
    const { server, loginName, appPassword } = JSON.parse(granted.body.toString());
    expect({ server, loginName }).toEqual({ server: cloud.url, loginName: 'jm' });
    expect((await ask('jm', appPassword)).status).toBe(207);
    expect(jm.appPasswords).toMatchObject([{ name: 'ovadex' }]);
    expect((await look()).status).toBe(404);
    expect(cloud.requests.map(({ path }) => path)).not.toContain('/index.php/login/v2/grant');

    const late = JSON.parse((await post(`${cloud.url}/index.php/login/v2`)).body.toString());
    now += 21 * MINUTE_MS;
    expect(await jm.grant(late.login)).toBe(403);
  });
});

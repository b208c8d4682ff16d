import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDaemon } from '../kills/daemon.js';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { startIssuer } from '../support/issuer.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { readAll } from '../support/raw-http.js';
import { isThorough } from '../support/thorough.js';

const SERVICE = { username: 'svc', password: 'the service\u2019s own secret' };
const JM = { username: 'jm', password: 'jm\u2019s own secret' };
const KIM = { username: 'kim', password: 'kim\u2019s own secret' };
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Daemon {
  readonly url: string;
  log(): string;
  stop(): Promise<void>;
}

/** The tests of one daemon, which some of them start anew, in an order in which none finds what it doesn't expect. */
describe('logging in to the daemon', () => {
  let dav: DavServer;
  /** Is to go away. */
  let gone: DavServer;
  let ovadex: Ovadex;
  let daemon: Daemon;
  const ending: (() => void)[] = [];
  /** Of all daemons. */
  const logs: (() => string)[] = [];

  const settings = () => ({
    storage: { auth: { type: 'basic', ...SERVICE } },
    spaces: [
      { user: 'jm', url: `${dav.url}jm/` },
      { user: 'kim', url: `${gone.url}kim/` },
    ],
    log: { level: 'debug' },
  });

  beforeAll(async () => {
    dav = await startDavServer({ auth: [SERVICE, JM] });
    dav.tree.put('jm/x.ova', { size: 1 });
    gone = await startDavServer({ auth: [SERVICE, KIM] });
    gone.tree.put('kim/x.ova', { size: 1 });
    ovadex = await installOvadex();
    ovadex.configure(settings());
    daemon = await start();
  });

  afterAll(async () => {
    for (const end of ending) end();
    ovadex.remove();
    await Promise.all([dav.close(), gone.close()]);
  });

  const start = async (): Promise<Daemon> => {
    const { child, exited, ready, log } = startDaemon(ovadex.argv('serve'));
    ending.push(() => child.kill('SIGKILL'));
    logs.push(log);
    return {
      url: (await ready()) ?? '',
      log,
      async stop() {
        child.kill('SIGTERM');
        await exited;
      },
    };
  };
  const logIn = ({ url }: Daemon, user: string, password: string) =>
    checkedFetch(`${url}/auth/request-token`, { method: 'POST', headers: { Authorization: basic(user, password) } });
  const tokenOf = async (response: Response) => ((await response.json()) as { token: string }).token;
  const listStatus = async ({ url }: Daemon, token: string) =>
    (await checkedFetch(`${url}/v2/image`, { headers: { Authorization: `Bearer ${token}` } })).status;

  it('warns of a proxy that is not named, in the log, at /readyz and by doctor', async () => {
    expect((await ovadex.run('doctor')).stdout).not.toContain('trustedProxies');
    for (let n = 0; n < 2; n++) await fetch(`${daemon.url}/v2/ping`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    await vi.waitUntil(() => daemon.log().includes('server.trustedProxies does not name'), SOON);
    expect(daemon.log().split('server.trustedProxies does not name')).toHaveLength(2);
    const ready = await fetch(`${daemon.url}/readyz?verbose`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready' }]);
    const { stdout } = await ovadex.run('doctor', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ subject: 'server.trustedProxies', severity: 'warning' }),
      ]) as object[],
    });
  });

  it('offers Basic in a line of its own, and says where two Authorization lines came', async () => {
    const port = Number(new URL(daemon.url).port);
    const ask = async (...lines: readonly string[]) => {
      const head = ['GET /v2/image HTTP/1.1', 'Host: x', 'Connection: close', ...lines].join('\r\n');
      const socket = connect(port, '127.0.0.1');
      const text = readAll(socket);
      socket.write(`${head}\r\n\r\n`);
      await once(socket, 'end');
      socket.destroy();
      return text();
    };
    const answer = await ask();
    expect(answer).toContain('WWW-Authenticate: Bearer realm="ovadex"\r\n');
    expect(answer).toContain('WWW-Authenticate: Basic realm="ovadex", charset="UTF-8"\r\n');
    expect(await ask('Authorization: Bearer a', 'Authorization: Bearer a')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('gives tokens that their owner lists and ends one by one', async () => {
    const [first, second] = [
      await tokenOf(await logIn(daemon, 'jm', JM.password)),
      await tokenOf(await logIn(daemon, 'jm', JM.password)),
    ];
    const ask = (token: string, path: string, method = 'GET') =>
      checkedFetch(`${daemon.url}/v2/user/token${path}`, { method, headers: { Authorization: `Bearer ${token}` } });
    const listed = async (token: string) =>
      ((await (await ask(token, '')).json()) as { data: { id: number; is_current: boolean; is_log_in: boolean }[] })
        .data;
    const own = (await listed(first)).find(({ is_current }) => is_current);
    expect(own).toMatchObject({ is_log_in: true });
    expect((await ask(second, `/${own?.id}`, 'PUT')).status).toBe(200);
    expect([await listStatus(daemon, first), await listStatus(daemon, second)]).toEqual([401, 200]);
    expect((await ask(second, `/${own?.id}`, 'DELETE')).status).toBe(200);
    expect(await listed(second)).toHaveLength(1);
    await vi.waitUntil(async () => JSON.stringify(await listed(second)).includes('"last_access":"'), SOON);
    expect((await ovadex.run('token', 'list', '--json')).stdout).toContain('"tokens": []');
  });

  it('lets its user make a token for a script, which makes no others and can be ended', async () => {
    const session = await tokenOf(await logIn(daemon, 'jm', JM.password));
    const create = (token: string) =>
      checkedFetch(`${daemon.url}/v2/user/token`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: '{"name":"ci","days":90}',
      });
    const answer = await create(session);
    expect(answer.status).toBe(201);
    const { data } = (await answer.json()) as { data: { id: number; token: string } };
    expect(await listStatus(daemon, data.token)).toBe(200);
    expect((await create(data.token)).status).toBe(403);
    const ended = await checkedFetch(answer.headers.get('location') ?? '', {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${data.token}` },
    });
    expect([ended.status, await listStatus(daemon, data.token)]).toEqual([200, 401]);
    expect((await ovadex.run('token', 'list', '--json')).stdout).toContain('"name": "ci"');
    expect(daemon.log()).not.toContain(data.token);
  });

  it('fails for a wrong password as for an unknown user, and says so when the storage is down', async () => {
    const bodies = [];
    for (const [user, password] of [
      ['jm', 'wrong'],
      ['nobody', JM.password],
      ['svc', SERVICE.password],
    ] as const) {
      const response = await logIn(daemon, user, password);
      expect(response.status).toBe(401);
      const { instance: _instance, ...body } = (await response.json()) as { instance: string };
      bodies.push(body);
    }
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
    await gone.close();
    expect((await logIn(daemon, 'kim', KIM.password)).status).toBe(503);
  });

  it.runIf(isThorough)('gives tokens that outlive a restart, and end with their key', async () => {
    const answer = await logIn(daemon, 'jm', JM.password);
    expect(answer.status).toBe(200);
    const token = await tokenOf(answer);
    expect(await listStatus(daemon, token)).toBe(200);
    const keyFile = join(dirname(ovadex.configFile), 'data', 'token.key');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    await daemon.stop();

    daemon = await start();
    expect(await listStatus(daemon, token)).toBe(200);
    await daemon.stop();

    rmSync(keyFile);
    daemon = await start();
    expect(await listStatus(daemon, token)).toBe(401);
    expect(await listStatus(daemon, await tokenOf(await logIn(daemon, 'jm', JM.password)))).toBe(200);
  });

  it('gives tokens that open no later space of the same name', async () => {
    const before = daemon.log().split('configuration reloaded').length;
    const reloads = () => daemon.log().split('configuration reloaded').length - before;
    const token = await tokenOf(await logIn(daemon, 'jm', JM.password));
    ovadex.configure({ ...settings(), spaces: [] });
    await vi.waitUntil(() => reloads() === 1, SOON);
    expect((await ovadex.run('forget', '--user', 'jm')).code).toBe(0);
    expect(await listStatus(daemon, token)).toBe(401);
    ovadex.configure(settings());
    await vi.waitUntil(() => reloads() === 2, SOON);
    const later = await logIn(daemon, 'jm', JM.password);
    expect([later.status, await listStatus(daemon, await tokenOf(later))]).toEqual([200, 200]);
    expect(await listStatus(daemon, token)).toBe(401);
  });

  it('leaves no secret in the log, at any level', async () => {
    const token = await tokenOf(await logIn(daemon, 'jm', JM.password));
    await logIn(daemon, 'jm', 'a wrong one');
    await logIn(daemon, 'typed-into-the-wrong-field', 'x');
    await listStatus(daemon, token);
    await listStatus(daemon, `${token}x`);
    await daemon.stop();
    const log = logs.map((told) => told()).join('');
    expect(log).toContain('/auth/request-token');
    const key = readFileSync(join(dirname(ovadex.configFile), 'data', 'token.key'), 'utf8').trim();
    const secrets = [JM.password, SERVICE.password, 'a wrong one', 'typed-into', token, token.split('.')[2] ?? '', key];
    const credentials = [basic('jm', JM.password), basic('svc', SERVICE.password)].map((header) => header.slice(6));
    for (const secret of [...secrets, ...credentials]) expect(log).not.toContain(secret);
  });

  it('takes tokens of a configured issuer, also while that is down', async () => {
    await daemon.stop();
    const issuer = await startIssuer();
    ovadex.configure({
      storage: { auth: { type: 'basic', ...SERVICE } },
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      auth: {
        issuers: [
          { issuer: issuer.url, audience: 'ovadex', algorithms: ['ES256'], adminClaim: 'role', adminValue: 'boss' },
        ],
      },
    });
    daemon = await start();
    const claims = { iss: issuer.url, aud: 'ovadex', sub: 'jm', exp: Math.floor(Date.now() / 1000) + 600 };
    expect(await listStatus(daemon, await issuer.sign(claims))).toBe(200);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys']);
    await issuer.close();
    expect(await listStatus(daemon, await issuer.sign({ ...claims, jti: 'another' }))).toBe(200);
    expect(await listStatus(daemon, await issuer.sign({ ...claims, aud: 'other' }))).toBe(401);
    const spaces = async (token: string) =>
      (await checkedFetch(`${daemon.url}/v2/admin/space`, { headers: { Authorization: `Bearer ${token}` } })).status;
    expect(await spaces(await issuer.sign(claims))).toBe(403);
    expect(await spaces(await issuer.sign({ ...claims, role: ['boss'] }))).toBe(200);
  });
});

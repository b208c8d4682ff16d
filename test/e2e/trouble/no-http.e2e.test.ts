import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../src/domain/diagnosis/finding.js';
import { startDaemon } from '../../kills/daemon.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { emptyListing, httpAnswer, type RawPort, startRawPort, targetOf } from '../../support/raw-port.js';

const ACCOUNT = { username: 'svc', password: 'h4nter/2 "x" ü&9' };
const API_KEY = 'key-4711-abcdef';
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 60_000, interval: 50 };

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const folder = (path: string) =>
  `<response><href>${path}</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response>`;
const image = (path: string) =>
  `<response><href>${path}</href><propstat><prop><resourcetype/></prop><status>HTTP/1.1 200 OK</status></propstat></response>`;
const listing = (...entries: string[]) =>
  httpAnswer('207 Multi-Status', `<multistatus xmlns="DAV:">${entries.join('')}</multistatus>`);

/** A storage with spaces of every kind; what it was sent comes back from some of them. */
function answer(request: string): string {
  const target = targetOf(request);
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(request)?.[1] ?? '';
  const account = Buffer.from(header('authorization').replace('Basic ', ''), 'base64').toString('utf8');
  const bytes = Buffer.from(account, 'utf8').toString('latin1');
  switch (target) {
    case '/mixed/':
      return listing(folder(target), folder('/mixed/bad/'), folder('/mixed/good/'), image('/mixed/x.ova'));
    case '/mixed/good/':
      return listing(folder(target), image('/mixed/good/y.ova'));
    case '/ssh/':
    case '/mixed/bad/':
      return 'SSH-2.0-OpenSSH_9.2\r\n';
    case '/phrase/':
      return httpAnswer(`400 ${header('authorization')} ${header('x-api-key')} ${bytes}`, '');
    case '/words/':
      return httpAnswer(
        '400 Bad Request',
        `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>${encodeURIComponent(account)} ${header('x-api-key')}</s:message></d:error>`,
      );
    case '/elsewhere/':
      return httpAnswer('302 Found', '', [`Location: http://h/${encodeURIComponent(account)}`]);
    case '/good/':
      return request.startsWith('OPTIONS')
        ? httpAnswer('200 OK', '', ['DAV: 1', `Server: s/${header('authorization')}`])
        : httpAnswer('207 Multi-Status', emptyListing(target));
    default:
      return request; // as any port that echoes
  }
}

const USERS = ['mixed', 'ssh', 'phrase', 'words', 'elsewhere', 'echo', 'good'];
/** What no text may show, however it is written. */
const SECRETS = [ACCOUNT.password, `${ACCOUNT.username}:${ACCOUNT.password}`, API_KEY].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret, 'utf8').toString('latin1'),
]);
const expectSilence = (where: string, text: string) => {
  for (const secret of SECRETS) expect(text, where).not.toContain(secret);
  expect(text, where).not.toMatch(/internal error|HTTPParserError|at \S+\.js:/);
};

describe('a storage that speaks no HTTP, or repeats what it was sent', () => {
  let port: RawPort;
  const install = async () => {
    port = await startRawPort(answer);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      storage: { auth: { type: 'basic', ...ACCOUNT }, headers: { 'X-Api-Key': API_KEY } },
      spaces: USERS.map((user) => ({ user, url: `${port.url}${user}/` })),
      crawl: { schedule: '* * * * * *', fullSchedule: '* * * * * *' },
      log: { level: 'debug' },
    });
    return ovadex;
  };

  it('fails its own spaces in words and no command', async () => {
    const ovadex = await install();
    const check = await ovadex.run('config', 'check', '--online');
    expect(check.code).toBe(69);
    for (const user of USERS) expect(check.stdout).toMatch(new RegExp(`^(?:ok|failed) +${user} `, 'm'));
    expect(check.stdout).toMatch(/failed {2}ssh .*the answer is not HTTP \(Expected HTTP\//);
    expect(check.stdout).toMatch(/failed {2}phrase .*answered 400 \[hidden\]/);

    const synced = await ovadex.run('sync', '--all');
    expect(synced.stderr + synced.stdout).toMatch(/\/mixed\/bad\/ with Depth 1: the answer is not HTTP/);
    expect(new Set(await ovadex.images('mixed'))).toEqual(new Set(['good/y.ova', 'x.ova']));

    const doctor = await ovadex.run('doctor', '--json');
    const { findings } = JSON.parse(doctor.stdout) as { findings: readonly Finding[] };
    const told = new Map(findings.filter(({ area }) => area === 'storage').map((each) => [each.subject, each]));
    expect([...told.keys()].sort()).toEqual([...USERS].sort());
    expect(told.get('ssh')).toMatchObject({
      severity: 'problem',
      message: expect.stringContaining('is not HTTP') as string,
    });
    expect(told.get('ssh')?.action).toContain('scheme, host and port');
    expect(told.get('good')?.message).toContain('[hidden]');

    const spaces = await ovadex.run('spaces', '--json');
    for (const [where, run] of Object.entries({ check, synced, doctor, spaces })) {
      expectSilence(where, run.stdout + run.stderr);
    }
  });

  it('nor the daemon, its log and its API', async () => {
    const ovadex = await install();
    const { token } = await ovadex.createToken('good', ['--scope', 'admin']);
    const daemon = startDaemon(ovadex.argv('serve'));
    cleanup.add(() => daemon.child.kill('SIGKILL'));
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${ovadex.port}${path}`, { headers: { Authorization: `Bearer ${token}` }, ...init });
    await vi.waitUntil(async () => {
      const answered = await ask('/v2/admin/space').catch(() => null);
      const text = (await answered?.text()) ?? '';
      return USERS.filter((user) => user !== 'good' && user !== 'mixed').every((user) =>
        text.includes(`/${user}/ with`),
      );
    }, SOON);
    const spaces = await (await ask('/v2/admin/space')).text();
    const syncs = await (await ask('/v2/admin/request')).text();
    const basic = Buffer.from(`echo:${ACCOUNT.password}`).toString('base64');
    const logIn = await ask('/auth/request-token', { method: 'POST', headers: { Authorization: `Basic ${basic}` } });
    expect(logIn.status).toBe(503);
    const texts = { spaces, syncs, logIn: await logIn.text(), log: daemon.log() };
    expect(texts.log).toContain('is not HTTP');
    for (const [where, text] of Object.entries(texts)) expectSilence(where, text);
  });
});

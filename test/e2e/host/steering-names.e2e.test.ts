import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { STEERS } from '../../support/process/steering.js';
import { overhear } from '../../support/secrets.js';

/** CSI in one character, a bidirectional override, DEL, a line separator: what JSON leaves as it is. */
const HOSTILE = 'a\u009b31mX\u202e\u007f\u2028\u0085z';
const SOON = { timeout: 20_000, interval: 50 };

/** Some starts of the program, each of a second; a busy machine takes longer. */
const STARTS_WITHIN_MS = 60_000;

describe('a name that steers a terminal', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ChildProcess;
  let log = '';
  let url: string;
  let token: string;
  const configure = (format: string) =>
    ovadex.configure({
      spaces: [
        { user: 'jm', url: `${dav.url}jm/` },
        { user: 'kim', url: `${dav.url}kim/` },
      ],
      log: { level: 'debug', format },
    });

  beforeAll(async () => {
    dav = await startDavServer();
    dav.tree.put(`jm/${HOSTILE}/${HOSTILE}.ova`, { size: 1 });
    dav.tree.put(`jm/closed ${HOSTILE}/x.ova`, { size: 1 });
    dav.fault(`jm/closed ${HOSTILE}`, { status: 403 });
    dav.tree.put('kim/x.ova', { size: 1 });
    ovadex = await installOvadex();
    configure('json');
    token = (await ovadex.createToken('jm', ['--scope', 'admin', '--name', 'tests'])).token;
    const child = spawn(process.execPath, ovadex.argv('serve'), { stdio: ['ignore', 'pipe', 'pipe'] });
    daemon = child;
    overhear(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    await vi.waitUntil(() => log.includes('ovadex serves'), SOON);
    url = `http://127.0.0.1:${ovadex.port}`;
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
    ovadex.remove();
    await dav.close();
  });

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${token}` } });

  it('is shown by its number in every answer, and is the same to whoever reads it', async () => {
    const list = await vi.waitUntil(async () => {
      const response = await ask('/v2/image');
      const text = await response.text();
      return text.includes('.ova') && text;
    }, SOON);
    expect(list).not.toMatch(STEERS);
    const { data } = JSON.parse(list) as { data: { name: string }[] };
    expect(data.map(({ name }) => name)).toContain(`${HOSTILE}.ova`);
    const encoded = encodeURIComponent(HOSTILE);
    for (const [path, init] of [
      [`/v2/${encoded}`, {}],
      [`/v2/image?sort=${encoded}`, {}],
      [`/v2/image?filter=${encoded},eq,1`, {}],
      [`/v2/image?name=${encoded}&per_page=1`, {}],
      [`/v2/admin/space/${encoded}`, {}],
      [`/v2/user/token/${encoded}`, {}],
      ['/v2/request/image_sync', {}],
      ['/v2/admin/space', {}],
      ['/v2/admin/image?name=.ova', {}],
      ['/v2/admin/sync', { method: 'POST', body: JSON.stringify({ user: HOSTILE }) }],
      ['/metrics', {}],
    ] as const) {
      const response = await ask(path, init);
      expect(`${[...response.headers.values()].join(' ')} ${await response.text()}`, path).not.toMatch(STEERS);
    }
  });

  it('is shown so in the log and in the audit', async () => {
    await vi.waitUntil(() => log.includes('closed a'), SOON);
    expect(log).toContain('\\u009b31m');
    expect(log).not.toMatch(STEERS);
    const audit = readFileSync(join(dirname(ovadex.configFile), 'data', 'audit.log'), 'utf8');
    expect(audit).toContain('\\u009b31m');
    expect(audit).not.toMatch(STEERS);
  });

  it.each([
    ['images', '--user', 'jm'],
    ['images', '--user', 'jm', '--json'],
    ['images', '--user', HOSTILE],
    ['spaces'],
    ['spaces', '--json'],
    ['requests', '--json'],
    ['requests', 'show', '1'],
    ['token', 'create', '--user', HOSTILE],
    ['token', 'create', '--user', HOSTILE, '--force', '--json'],
    ['token', 'list'],
    ['token', 'revoke', HOSTILE],
    ['forget', '--user', HOSTILE],
    ['doctor', '--json'],
    ['doctor'],
    ['sync', '--user', HOSTILE],
    [`--${HOSTILE}`],
  ])('is shown so by %s %s %s %s', async (...words) => {
    const { stdout, stderr } = await ovadex.run(...words.filter((word) => word !== undefined));
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toMatch(STEERS);
  });

  it('is shown so in a log for people', async () => {
    configure('pretty');
    const { stdout, stderr } = await ovadex.run('sync', '--user', 'jm', '--full');
    expect(stdout + stderr).toContain('closed a');
    expect(stdout + stderr).not.toMatch(STEERS);
  });
});

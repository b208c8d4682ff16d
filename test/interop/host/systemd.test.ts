import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { type BootedSystemd, bootSystemd, whyNoSystemd } from '../../support/process/booted-systemd.js';
import { describeInstalled } from '../../support/process/installed.js';
import { overhearText } from '../../support/secrets.js';
import { freePort } from '../../support/servers/server-process.js';

const ACCOUNT = { username: 'svc', password: 'the secret of a credential' };
const UNIT = 'ovadex.service';
const MAIN = '/opt/ovadex/dist/main.js';
const CONFIG = '/etc/ovadex/ovadex.yaml';
const LOG = '/var/log/ovadex.log';
/** As many that ask at the same time, each its next question after the last answer. */
const CLIENTS = 8;
/** A start takes a second, the watchdog here waits for a few; a busy machine takes longer. */
const SOON = { timeout: 60_000, interval: 100 };

/** One service through its life: each test goes on where the last one ended. */
describeInstalled('the service under a real systemd', [whyNoSystemd()], () => {
  let systemd: BootedSystemd;
  let dav: DavServer;
  let port: number;

  beforeAll(async () => {
    dav = await startDavServer({ auth: ACCOUNT });
    for (const user of ['jm', 'kim']) dav.tree.put(`${user}/x.ova`, { size: 1 });
    port = await freePort();
    systemd = await bootSystemd();
    return async () => {
      overhearText(LOG, readFileSync(join(systemd.root, LOG), 'utf8'));
      await systemd.stop();
      await dav.close();
    };
  });

  const ovadex = (...args: readonly string[]) => systemd.run(process.execPath, MAIN, ...args);
  const systemctl = (...args: readonly string[]) => systemd.run('systemctl', ...args);
  const show = (property: string) => systemd.show(UNIT, property);
  const restarts = async () => Number(await show('NRestarts'));
  const write = (path: string, content: string) => writeFileSync(join(systemd.root, path), content);
  const dropIn = async (unit: string, content: string, name = 'test') => {
    const directory = join(systemd.root, `/etc/systemd/system/${unit}.d`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${name}.conf`), content);
    await systemctl('daemon-reload');
  };
  const configure = (...users: readonly string[]) =>
    write(
      CONFIG,
      JSON.stringify({
        server: { listen: `127.0.0.1:${port}` },
        data: { directory: '/var/lib/ovadex' },
        storage: {
          url: `${dav.url}{user}/`,
          auth: { type: 'basic', username: ACCOUNT.username, passwordFile: '$' + '{CREDENTIALS_DIRECTORY}/dav' },
        },
        spaces: users.map((user) => ({ user })),
      }),
    );
  /** A connection of its own each time: one that is kept may be closed just as the next request sets out. */
  const isAlive = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`, { headers: { Connection: 'close' } });
    await answer.body?.cancel();
    return answer.status === 200;
  };
  const tell = (what: string, value: string) => process.stdout.write(`systemd: ${what}: ${value}\n`);

  it('is installed by its command', async () => {
    const out = await ovadex('service', 'install');
    expect(out).toMatch(/^created +account ovadex/m);
    expect(out).toMatch(/^ran +systemctl daemon-reload$/m);
    expect(readFileSync(join(systemd.root, '/etc/passwd'), 'utf8')).toMatch(/^ovadex:/m);
    expect(await show('LoadState')).toBe('loaded');
  });

  it('starts, serves and crawls in its sandbox, with a secret that only root can read', async () => {
    configure('jm');
    write('/etc/ovadex/dav.password', `${ACCOUNT.password}\n`);
    await systemd.run('chmod', '600', '/etc/ovadex/dav.password');
    await dropIn(
      UNIT,
      `[Unit]\nStartLimitIntervalSec=0\n[Service]\nLoadCredential=dav:/etc/ovadex/dav.password\nStandardOutput=append:${LOG}\nStandardError=append:${LOG}\n`,
    );
    await systemctl('start', UNIT).catch((error: unknown) => {
      throw new Error(readFileSync(join(systemd.root, LOG), 'utf8'), { cause: error });
    });
    expect(await show('ActiveState')).toBe('active');
    expect(await isAlive()).toBe(true); // a start ends when the API listens, not before
    await expect.poll(() => show('StatusText'), SOON).toBe('1 space, 1 image, 0 syncs running');
    tell('status', await show('StatusText'));

    const status = await systemd.run('cat', `/proc/${await show('MainPID')}/status`);
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
    expect(field('Uid')).toBe((await systemd.run('id', '-u', 'ovadex')).trim());
    expect([field('Seccomp'), field('NoNewPrivs'), field('CapEff'), field('CapBnd')]).toEqual([
      '2',
      '1',
      '0000000000000000',
      '0000000000000000',
    ]);
    expect(await ovadex('images', '--config', CONFIG, '--user', 'jm')).toContain('x.ova');
    const asService = ['--reuid=ovadex', '--regid=ovadex', '--clear-groups'];
    const create = ['token', 'create', '--config', CONFIG, '--user', 'jm', '--json'];
    const created = await systemd.run('setpriv', ...asService, process.execPath, MAIN, ...create);
    const { token } = JSON.parse(created) as { token: string };
    const answer = await fetch(`http://127.0.0.1:${port}/v2/image`, { headers: { Authorization: `Bearer ${token}` } });
    expect(await answer.text()).toContain('x.ova');
  });

  it('exposes little', async () => {
    const out = await systemd.run('systemd-analyze', 'security', '--no-pager', UNIT);
    const [, exposure] = /Overall exposure level for ovadex\.service: (\d+\.\d)/.exec(out) ?? [];
    tell('exposure', exposure ?? out);
    expect(Number(exposure)).toBeLessThanOrEqual(1.3);
  });

  it('reloads a good configuration, and keeps to it when the next one is bad', async () => {
    configure('jm', 'kim');
    await systemctl('reload', UNIT);
    await expect.poll(() => show('StatusText'), SOON).toBe('2 spaces, 2 images, 0 syncs running');
    write(CONFIG, 'spaces: [{ usr: kim }]\n');
    await systemctl('reload', UNIT);
    await expect.poll(() => show('StatusText'), SOON).toMatch(/^new configuration rejected/);
    tell('status after a bad reload', await show('StatusText'));
    expect(await show('ActiveState')).toBe('active');
    configure('jm');
    await systemctl('reload', UNIT);
    await expect.poll(() => show('StatusText'), SOON).toBe('1 space, 1 image, 0 syncs running');
  });

  it('is started anew when it is killed', async () => {
    const before = await restarts();
    await systemctl('kill', '--signal=KILL', '--kill-who=main', UNIT);
    await expect.poll(restarts, SOON).toBe(before + 1);
    await expect.poll(() => show('ActiveState'), SOON).toBe('active');
    expect(await isAlive()).toBe(true);
  });

  it('is ended by the watchdog when its index is kept from it, and started anew', async () => {
    await dropIn(UNIT, '[Service]\nWatchdogSec=8s\n', 'watchdog');
    await systemctl('restart', UNIT);
    expect(await show('ActiveState')).toBe('active');
    const before = await restarts();
    const other = new Database(join(systemd.root, '/var/lib/ovadex/ovadex.db'));
    try {
      other.exec('BEGIN IMMEDIATE');
      await expect.poll(() => readFileSync(join(systemd.root, LOG), 'utf8'), SOON).toContain('the watchdog is not fed');
      await expect.poll(() => show('Result'), SOON).toBe('watchdog');
    } finally {
      other.close();
    }
    tell('result', 'watchdog');
    await dropIn(UNIT, '', 'watchdog');
    await expect.poll(() => show('ActiveState'), SOON).toBe('active');
    expect(await restarts()).toBeGreaterThan(before);
    expect(await isAlive()).toBe(true);
  });

  it('stops well, and is left stopped where its configuration is wrong', async () => {
    await systemctl('stop', UNIT);
    expect([await show('Result'), await show('ExecMainStatus')]).toEqual(['success', '0']);
    write(CONFIG, 'spaces: [{ usr: kim }]\n');
    expect(await systemd.exitCode('systemctl', 'start', UNIT)).not.toBe(0);
    expect([await show('ActiveState'), await show('ExecMainStatus')]).toEqual(['failed', '78']);
    configure('jm');
  });

  it('is started by the first connection to its socket, and a restart refuses none', async () => {
    port = await freePort();
    await dropIn('ovadex.socket', `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`);
    await systemctl('reset-failed', UNIT);
    await systemctl('start', 'ovadex.socket');
    expect(await show('ActiveState')).toBe('inactive');
    expect(await isAlive()).toBe(true);
    expect(await show('ActiveState')).toBe('active');
    const restarting = systemctl('restart', UNIT);
    let isOver = false;
    const ended = restarting.then(() => {
      isOver = true;
    });
    let asked = 0;
    const keepAsking = async () => {
      for (; !isOver; asked++) expect(await isAlive()).toBe(true);
    };
    await Promise.all([ended, ...Array.from({ length: CLIENTS }, keepAsking)]);
    expect(asked).toBeGreaterThanOrEqual(CLIENTS);
    tell('requests during a restart, none refused', String(asked));
  });

  it('is uninstalled by its command, which keeps what is not the program\u2019s own', async () => {
    const out = await ovadex('service', 'uninstall');
    expect(out).toMatch(/^removed +\/etc\/systemd\/system\/ovadex\.service$/m);
    expect(await show('ActiveState')).toBe('inactive');
    await expect(isAlive()).rejects.toThrow('fetch failed');
    expect(readFileSync(join(systemd.root, CONFIG), 'utf8')).toContain('jm');
  });
});

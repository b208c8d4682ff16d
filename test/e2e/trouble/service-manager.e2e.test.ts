import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Cleanup, createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { listenForNotifications, type NotifySocket } from '../../support/process/notify-socket.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { endChild, hasEnded } from '../../support/servers/server-process.js';

const missing = findProgram('systemd-notify') === null ? 'systemd-notify (Debian: systemd)' : null;
const STOP_THREADS = fileURLToPath(new URL('../../support/process/stop-threads.py', import.meta.url));
/** Starting takes a second, and so does a change; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };
/** Short, so that what is not fed shows soon; long enough for a busy machine. */
const WATCHDOG_MS = 3_000;
// Some of these wait for several things, one after the other.
vi.setConfig({ testTimeout: 90_000 });

describeInstalled('the daemon under a service manager', [missing], () => {
  let cleanup: Cleanup;
  let dav: DavServer;
  let ovadex: Ovadex;
  let manager: NotifySocket;

  beforeEach(async () => {
    cleanup = createCleanup();
    dav = await startDavServer();
    cleanup.add(() => dav.close());
    ovadex = await installOvadex();
    cleanup.add(() => ovadex.remove());
    manager = await listenForNotifications();
    cleanup.add(() => manager.close());
    dav.tree.put('jm/x.ova', { size: 1 });
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  });
  afterEach(() => cleanup.run());

  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, ovadex.argv('serve'), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NOTIFY_SOCKET: manager.address, ...environment },
    });
    overhear(child);
    cleanup.add(() => endChild(child));
    const exited = once(child, 'exit') as Promise<[number | null]>;
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    await vi.waitUntil(() => manager.messages.length > 0 || hasEnded(child), SOON);
    return { child, exited, log: () => log, url: /"url":"([^"]+)"/.exec(log)?.[1] ?? '' };
  };
  const watchdog = { WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
  const feedings = () => manager.values('WATCHDOG').length;
  /** Looks whether the watchdog would have ended the daemon: no word of it for the whole time. */
  const starves = async () => {
    let [seen, since] = [feedings(), performance.now()];
    await vi.waitUntil(() => {
      if (feedings() !== seen) [seen, since] = [feedings(), performance.now()];
      return performance.now() - since > WATCHDOG_MS;
    }, SOON);
  };
  const isFedAgain = () => {
    const before = feedings();
    return expect.poll(feedings, SOON).toBeGreaterThan(before + 1);
  };
  const stopThreads = async (pid: number | undefined, which: 'main' | 'loops') => {
    const child = spawn('python3', [STOP_THREADS, String(pid), which], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [count] = (await once(child.stdout, 'data')) as [Buffer];
    expect(Number(count.toString())).toBeGreaterThan(0);
    return async () => {
      child.stdin.end();
      await once(child, 'exit');
    };
  };

  it('says that it is ready once it listens, how it stands, and that it stops', async () => {
    const daemon = await start();
    expect(manager.messages[0]).toMatch(/^READY=1\nSTATUS=1 space/);
    expect((await fetch(`${daemon.url}/livez`)).status).toBe(200);
    await expect.poll(() => manager.values('STATUS'), SOON).toContainEqual('1 space, 1 image, 0 syncs running');
    expect(manager.values('WATCHDOG')).toEqual([]);
    daemon.child.kill('SIGTERM');
    expect(await daemon.exited).toEqual([0, null]);
    expect(manager.messages.at(-1)).toMatch(/^STOPPING=1\nSTATUS=stopping/);
  });

  it('reads its configuration at SIGHUP: a good one is taken, a bad one changes nothing and is told', async () => {
    const daemon = await start();
    const hangUp = async () => {
      const before = manager.values('READY').length;
      daemon.child.kill('SIGHUP');
      await expect.poll(() => manager.values('READY').length, SOON).toBeGreaterThan(before);
    };
    await hangUp();
    const [ready, reloading, ...rest] = manager.messages.filter((message) => !/^(STATUS|WATCHDOG)=/.test(message));
    expect(ready).toMatch(/^READY=1/);
    expect(reloading).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    expect(rest).toEqual([expect.stringMatching(/^READY=1/)]);
    // This machine's clock of that kind, in µs: what has gone by since is no minute.
    const sinceUs = process.hrtime.bigint() / 1_000n - BigInt(manager.values('MONOTONIC_USEC')[0] ?? 0);
    expect(sinceUs).toBeGreaterThanOrEqual(0n);
    expect(sinceUs).toBeLessThan(60_000_000n);
    expect(daemon.log()).toContain('configuration reloaded');

    writeFileSync(ovadex.configFile, 'spaces: [{ usr: kim }]\n');
    await hangUp();
    expect(manager.values('STATUS').at(-1)).toMatch(
      /^new configuration rejected, still using the old one: .*ovadex\.yaml:1:.*; 1 space/,
    );
    expect(daemon.log()).toMatch(/new configuration rejected; still using the old one/);

    ovadex.configure({
      spaces: [
        { user: 'jm', url: `${dav.url}jm/` },
        { user: 'kim', url: `${dav.url}kim/` },
      ],
    });
    await hangUp();
    await expect.poll(() => manager.values('STATUS').at(-1), SOON).toMatch(/^2 spaces/);
  });

  it('tells of a change of the file that it sees by itself in the same way', async () => {
    const daemon = await start();
    ovadex.configure({ spaces: [] });
    await expect.poll(() => manager.values('RELOADING').length, SOON).toBeGreaterThan(0);
    await expect.poll(() => manager.values('STATUS').at(-1), SOON).toMatch(/^0 spaces/);
    expect(daemon.log()).toContain('configuration reloaded');
  });

  it('feeds no watchdog that another process is meant by', async () => {
    await start({ ...watchdog, WATCHDOG_PID: '1' });
    await starves();
    expect(feedings()).toBe(0);
  });

  it('feeds the watchdog while all is well, at least twice in its time', async () => {
    const daemon = await start({ ...watchdog });
    await isFedAgain();
    expect(daemon.log()).not.toContain('watchdog');
  });

  it.each(['main', 'loops'] as const)('feeds the watchdog no more while a thread hangs: %s', async (which) => {
    const daemon = await start({ ...watchdog });
    await isFedAgain();
    const goOn = await stopThreads(daemon.child.pid, which);
    await starves();
    if (which === 'loops') await expect.poll(daemon.log, SOON).toContain('the watchdog is not fed');
    await goOn();
    await isFedAgain();
  });

  it('feeds the watchdog no more while another process keeps the index to itself', async () => {
    const daemon = await start({ ...watchdog });
    await isFedAgain();
    const other = new Database(join(ovadex.configFile, '../data/ovadex.db'));
    cleanup.add(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    await starves();
    await expect.poll(daemon.log, SOON).toContain('the watchdog is not fed');
    other.exec('ROLLBACK');
    await isFedAgain();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startDaemon } from '../../kills/daemon.js';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function scene() {
  const dav = await startDavServer();
  cleanup.add(dav.close);
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({ spaces: [{ user: 'jm', url: dav.url }] });
  return { dav, ovadex };
}

/** Long enough for the debugger to open its port and to say so. */
const A_MOMENT_MS = 500;

describe('signals that other programs give a meaning to', { timeout: 60_000 }, () => {
  it('neither open a debugger in the daemon nor end it', async () => {
    const { ovadex } = await scene();
    const daemon = startDaemon(ovadex.argv('serve'));
    cleanup.add(() => daemon.child.kill('SIGKILL'));
    const url = await daemon.ready();
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) daemon.child.kill(signal);
    await delay(A_MOMENT_MS);
    expect(daemon.log()).not.toMatch(/Debugger/);
    expect(daemon.log()).toMatch(/SIGUSR1 means nothing to ovadex/);
    expect(daemon.log()).toMatch(/SIGUSR2 means nothing to ovadex/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    daemon.child.kill('SIGQUIT');
    expect(await daemon.exited).toBe(0);
  });

  it('open none in a command, and SIGQUIT interrupts it as Ctrl-C does', async () => {
    const { dav, ovadex } = await scene();
    dav.fault('', { delayMs: 5_000 });
    const child: ChildProcess = spawn(process.execPath, ovadex.argv('sync', '--all'), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    overhear(child);
    cleanup.add(() => child.kill('SIGKILL'));
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    await vi.waitUntil(() => dav.requests.length > 0, { timeout: 30_000 });
    child.kill('SIGUSR1');
    await delay(A_MOMENT_MS);
    expect(errors).not.toMatch(/Debugger/);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGQUIT');
    expect(await ended).toBe(131);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { freePort } from '../../support/servers/server-process.js';

const TROUBLE = fileURLToPath(new URL('../../support/process/thread-trouble.cjs', import.meta.url));
/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 30_000, interval: 20 };
/** From the end of the thread to that of the process; two seconds of it are for answers under way. */
const A_FEW_SECONDS_MS = 6_000;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** A daemon with a space, and a way to end its crawler's thread. */
async function scene({ metrics = false, before = '' } = {}) {
  const dav = await startDavServer();
  cleanup.add(dav.close);
  dav.tree.put('x.ova', { size: 1 });
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  const machines = await freePort();
  const spaces = [{ user: 'jm', url: dav.url }];
  const server = metrics ? { metricsListen: `127.0.0.1:${machines}` } : {};
  ovadex.configure({ server, spaces });
  const troubleFile = join(dirname(ovadex.configFile), 'trouble');
  if (before !== '') writeFileSync(troubleFile, before);
  const child = spawn(process.execPath, ['--max-old-space-size=120', '--require', TROUBLE, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TROUBLE_FILE: troubleFile },
  });
  overhear(child);
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    ovadex,
    child,
    exited,
    machines: `http://127.0.0.1:${machines}/`,
    log: () => log,
    serves: () => vi.waitUntil(() => log.includes('ovadex serves') || child.exitCode !== null, SOON),
    trouble: (kind: string) => writeFileSync(troubleFile, kind),
  };
}

/** How the process ended, unless it is still there. */
const within = (ms: number, exited: Promise<number | null>) =>
  Promise.race([exited, delay(ms, 'still there', { ref: false })]);

describe('a daemon whose crawler ends', { timeout: 60_000 }, () => {
  it.each([
    ['throw', 'a mistake of the test'],
    ['reject', 'a mistake of the test'],
    ['exit', 'exit code 3'],
    ['heap', 'memory'],
  ])('by %s says so at once and ends with 70', async (kind, reason) => {
    for (const metrics of [false, true]) {
      const { serves, trouble, exited, log } = await scene({ metrics });
      await serves();
      trouble(kind);
      await vi.waitUntil(() => log().includes('the crawler has ended unexpectedly'), SOON);
      expect(await within(A_FEW_SECONDS_MS, exited)).toBe(70);
      const line = log()
        .split('\n')
        .find((text) => text.startsWith('{') && text.includes('the crawler has ended unexpectedly'));
      expect(line).toContain('"level":"fatal"');
      expect(line).toContain(reason);
    }
  });

  it('while it starts ends with 70', async () => {
    const { exited, log } = await scene({ metrics: true, before: 'exit' });
    expect(await within(20_000, exited)).toBe(70);
    expect(log()).toContain('the crawler has ended unexpectedly');
  });

  it('while it stops ends with 70', async () => {
    const { serves, trouble, exited, log, child } = await scene({ metrics: true });
    await serves();
    child.kill('SIGSTOP');
    trouble('throw');
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const code = await within(A_FEW_SECONDS_MS + 2_000, exited);
    // Whichever came first: it was stopped before the thread saw its trouble, or told of it.
    expect(log().includes('the crawler has ended unexpectedly') ? 70 : 0).toBe(code);
  });

  it('though its log has a reader that is stuck ends with 70', async () => {
    const { serves, trouble, exited, child, ovadex } = await scene();
    await serves();
    child.stdout?.pause();
    child.stderr?.pause();
    // More than a pipe takes.
    for (let n = 0; n < 600; n++)
      await (await fetch(`http://127.0.0.1:${ovadex.port}/${'x'.repeat(190)}`)).arrayBuffer();
    trouble('throw');
    expect(await within(A_FEW_SECONDS_MS + 4_000, exited)).toBe(70);
  });

  it('is no longer alive and not ready for those who ask', async () => {
    const { serves, trouble, machines, child, ovadex, exited } = await scene({ metrics: true });
    await serves();
    // A request that is still coming keeps the API's listener for a moment, and that of the machines beside it.
    const slow = connect(ovadex.port, '127.0.0.1');
    onTestFinished(() => void slow.destroy());
    slow.on('error', () => {});
    slow.write('GET /livez HTTP/1.1\r\n');
    await once(slow, 'connect');
    expect((await fetch(`http://127.0.0.1:${ovadex.port}/livez`)).status).toBe(200);
    trouble('throw');
    const refused = new Set<string>();
    const ask = async (path: string) => {
      const status = await fetch(machines + path).then(
        (response) => response.status,
        () => null,
      );
      if (status === 503) refused.add(path);
      return child.exitCode !== null;
    };
    for (const path of ['livez', 'readyz']) {
      await vi.waitUntil(async () => (await ask(path)) || refused.has(path), { ...SOON, interval: 5 });
    }
    expect([...refused]).toEqual(['livez', 'readyz']);
    expect(await within(A_FEW_SECONDS_MS, exited)).toBe(70);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { createFaultyScene, SOON } from '../../support/faulty-scene.js';
import { describeInstalled } from '../../support/process/installed.js';
import { processorMsOf } from '../../support/process/usage.js';
import { serverAccount } from '../../support/servers/server-account.js';

/** A sync changes something, and so has a line to log, with each. */
const ROUNDS = 3;
/** The longest path that is logged whole. */
const LONG_PATH = `/${'x'.repeat(190)}`;
/** Lines of 300 bytes: more than a pipe, a socket or the smallest disk here takes, and than the daemon keeps. */
const MANY = 6_000;
const LOST = /"lines":(\d+),"msg":"[\d,]+ log lines? w(?:as|ere) lost/;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

type Scene = Awaited<ReturnType<typeof createFaultyScene>>;
type Served = Awaited<ReturnType<Scene['serve']>>;

const debugging = () => createFaultyScene(cleanup, () => ({ log: { level: 'debug', format: 'json' } }));

async function syncsGoOn(scene: Scene, daemon: Served): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await daemon.shows(scene.put(5));
}

/** Some at a time, each of which logs a line. Without `fetch`, which takes more time than the daemon does. */
async function askMuch({ ovadex }: Scene, { token }: Served): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${ovadex.port}`, { connections: 10 });
  const request = { path: LONG_PATH, method: 'GET', headers: { Authorization: `Bearer ${token}` } } as const;
  const askSome = async () => {
    for (let n = 0; n < MANY / 10; n++) await (await pool.request(request)).body.dump();
  };
  await Promise.all(Array.from({ length: 10 }, askSome));
  await pool.close();
}

describe('a daemon whose log', { timeout: 180_000 }, () => {
  it('nobody reads any more goes on, and not in circles', async () => {
    const scene = await debugging();
    const daemon = await scene.serve();
    daemon.child.stdout?.destroy();
    const [startedAt, usedBefore] = [performance.now(), processorMsOf(daemon.child.pid)];
    await syncsGoOn(scene, daemon);
    // One after the other, so that the daemon has to wait for each.
    for (let n = 0; n < MANY / 4; n++) await (await daemon.ask(LONG_PATH)).arrayBuffer();
    await syncsGoOn(scene, daemon);
    const [elapsedMs, usedMs] = [performance.now() - startedAt, processorMsOf(daemon.child.pid) - usedBefore];
    // One thread that ran in circles would use all of it.
    expect(usedMs / elapsedMs).toBeLessThan(0.7);
    expect(await daemon.stop()).toBe(0);
    expect(scene.findings()).toEqual([]);
  });

  it('has a reader that is stuck goes on, tells how much was lost, and logs again', async () => {
    const scene = await debugging();
    const daemon = await scene.serve();
    daemon.child.stdout?.pause();
    await askMuch(scene, daemon);
    await syncsGoOn(scene, daemon);
    daemon.child.stdout?.resume();
    await vi.waitUntil(() => LOST.test(daemon.log()), SOON);
    const lost = Number(LOST.exec(daemon.log())?.[1]);
    expect(lost).toBeGreaterThan(0);
    const lines = daemon.log().trim().split('\n');
    for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow();
    const asked = lines.filter((line) => line.includes(LONG_PATH)).length;
    // A few of the lost ones are those of other requests.
    expect(asked + lost).toBeGreaterThanOrEqual(MANY);
    expect(await daemon.stop()).toBe(0);
    await vi.waitUntil(() => daemon.log().includes('stopping; a second signal'), SOON);
    expect(scene.findings()).toEqual([]);
  });

  describeInstalled('where a small disk can be mounted', [serverAccount === null ? 'root' : null], () => {
    it('fills its disk goes on, and logs again when there is room', async () => {
      const scene = await debugging();
      const disk = join(scene.directory, 'log');
      mkdirSync(disk);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { encoding: 'utf8' });
      expect(mounted.status, `a small disk is mounted as root: ${mounted.stderr}`).toBe(0);
      cleanup.add(() => void execFileSync('umount', ['--lazy', disk]));
      const log = join(disk, 'ovadex.log');
      const daemon = await scene.serve(`exec >'${log}'`);
      await askMuch(scene, daemon);
      await syncsGoOn(scene, daemon);
      execFileSync('mount', ['-o', 'remount,size=16m', disk]);
      await vi.waitUntil(() => LOST.test(readFileSync(log, 'utf8')), SOON);
      await syncsGoOn(scene, daemon);
      expect(await daemon.stop()).toBe(0);
      expect(readFileSync(log, 'utf8')).toContain('stopping; a second signal');
      expect(scene.findings()).toEqual([]);
    });
  });
});

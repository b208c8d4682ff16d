import { execFileSync } from 'node:child_process';
import { chownSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { accountOf } from '../../support/servers/server-account.js';
import { makeOutageScene } from './outage-scene.js';

const IMAGES = ['a.ova', 'b.ova'];
const LIST = 'v2/image';
/** More than the room that is left in the pages of an empty index. */
const MORE = Array.from({ length: 3_000 }, (_, at) => `${'a long name of an image '.repeat(6)}${at}.ova`);
const FULL_FOR_MS = 6_000;
const BACK_WITHIN_MS = 60_000;

/** A disk that is small enough to be filled. */
function mountDisk(directory: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'ovadex-test', directory], { stdio: 'pipe' });
}

function findMissing(): string | null {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-disk-'));
  try {
    mountDisk(directory);
    execFileSync('umount', [directory]);
    return null;
  } catch {
    return 'the right to mount a small disk';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describeInstalled('an index whose disk is full', [postgresMissing, apacheMissing, findMissing()], () => {
  it('stays as it was or becomes what is true, tells nobody of an error, and takes in the rest once there is room', async () => {
    const cleanup = createCleanup();
    onTestFinished(cleanup.run);
    const disk = mkdtempSync(join(tmpdir(), 'ovadex-disk-'));
    mountDisk(disk);
    cleanup.add(() => rmSync(disk, { recursive: true }));
    cleanup.add(() => execFileSync('umount', ['--lazy', disk]));
    if (process.getuid?.() === 0) {
      const { uid, gid } = accountOf('postgres');
      chownSync(disk, uid, gid);
    }
    const server = await startPostgres();
    cleanup.add(server.stop);
    await server.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
    const place = async (database: string) =>
      void (await server.query(`ALTER DATABASE ${new URL(database).pathname.slice(1)} SET TABLESPACE small`));
    const scene = await makeOutageScene(cleanup, server, { images: IMAGES, place });
    const { ask, put } = scene;
    const names = async () => (await ask(LIST)).names;
    await expect.poll(names, { timeout: BACK_WITHIN_MS }).toEqual(IMAGES);

    const filler = join(disk, 'filler');
    fill(filler);
    for (const name of MORE) put(name);
    const asked = await ask('v2/user/image/vm', {}, 'PATCH');
    const known = new Set([...IMAGES, ...MORE]);
    const until = performance.now() + FULL_FOR_MS;
    let told = new Set<string>();
    while (performance.now() < until) {
      const { status, names: now } = await ask(LIST);
      expect([200, 503]).toContain(status);
      if (status === 200) {
        expect(now.filter((name) => !known.has(name))).toEqual([]);
        expect([...told].filter((name) => !now.includes(name))).toEqual([]);
        told = new Set(now);
      }
      await delay(100);
    }
    expect(told.size).toBeLessThan(known.size);
    // Either the request could not be filed, or its sync met the full disk.
    const hasMetIt = asked.status === 503 || scene.host.log().includes('53100');
    expect(hasMetIt, `${asked.status}: ${scene.host.log().slice(-3_000)}`).toBe(true);

    rmSync(filler);
    // It may have been refused before.
    await expect
      .poll(async () => (await ask('v2/user/image/vm', {}, 'PATCH')).status, { timeout: BACK_WITHIN_MS })
      .toBe(202);
    await expect.poll(async () => (await names()).length, { timeout: BACK_WITHIN_MS }).toBe(known.size);
    const syncs = await ask('v2/request/image_sync');
    const { data } = JSON.parse(syncs.text) as { data: readonly { status: string }[] };
    expect(
      data.filter(({ status }) => status === 'ERROR'),
      scene.host.log().slice(-3_000),
    ).toEqual([]);
  });
});

function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const piece of [Buffer.alloc(1 << 20), Buffer.alloc(4_096)]) {
      try {
        while (writeSync(descriptor, piece) > 0);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIndexFile } from '../../../src/app/index-file.js';
import { startDaemon } from '../../kills/daemon.js';
import { type Cleanup, createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { serverAccount } from '../../support/servers/server-account.js';
import { spoilPage } from '../../support/spoil-page.js';

const SOON = { timeout: 60_000, interval: 50 };
const IMAGES = 200;

/** Each starts the program several times, which takes a second of a free machine. */
const PATIENCE = { timeout: 180_000 };

describe('the daemon and its index', PATIENCE, () => {
  let cleanup: Cleanup;
  let dav: DavServer;
  let ovadex: Ovadex;
  let directory: string;

  beforeEach(async () => {
    cleanup = createCleanup();
    dav = await startDavServer();
    cleanup.add(dav.close);
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      spaces: [{ user: 'jm', url: dav.url }],
      crawl: { schedule: '* * * * * *', fullSchedule: '* * * * * *' },
    });
    directory = join(dirname(ovadex.configFile), 'data');
    put('first', IMAGES);
  });
  afterEach(() => cleanup.run());

  const put = (folder: string, images: number) => {
    for (let i = 0; i < images; i++) dav.tree.put(`${folder}/machine number ${i} in ${folder}.ova`, { size: 1 });
  };
  const indexFile = () => createIndexFile({ data: { directory } });
  const serve = async (before?: string) => {
    const { token } = await ovadex.createToken('jm');
    const daemon = startDaemon(ovadex.argv('serve'), before);
    cleanup.add(() => daemon.child.kill('SIGKILL'));
    const url = await daemon.ready();
    if (url === null) throw new Error(`the daemon did not come up: ${daemon.log()}`);
    const count = async () => {
      const response = await fetch(`${url}/v2/image`, { headers: { Authorization: `Bearer ${token}` } });
      const body = (await response.json()) as { data?: unknown[] };
      return response.status === 200 ? body.data?.length : response.status;
    };
    const stop = async () => {
      daemon.child.kill('SIGTERM');
      return await daemon.exited;
    };
    return { daemon, count, stop };
  };
  const refusal = async () => {
    const { code, stderr } = await ovadex.run('serve');
    return { code, stderr };
  };
  const sound = () => expect(indexFile().check().findings).toEqual([]);

  // A small disk is mounted, and a daemon run by somebody else.
  describeInstalled('where root sets the scene', [serverAccount === null ? 'root' : null], () => {
    it('goes on with what it has on a full disk, says so, and takes in the rest when there is room again', async () => {
      mkdirSync(directory);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory]);
      expect(mounted.status, `a small disk is mounted as root: ${mounted.stderr}`).toBe(0);
      cleanup.add(() => void execFileSync('umount', ['--lazy', directory]));
      const { daemon, count, stop } = await serve();
      await vi.waitUntil(async () => (await count()) === IMAGES, SOON);
      put('much', 8_000);
      await vi.waitUntil(
        () => /the index could not be used: database or disk is full \(SQLITE_FULL\)/.test(daemon.log()),
        SOON,
      );
      const shown = await count();
      expect(shown).toBeGreaterThanOrEqual(IMAGES);
      execFileSync('mount', ['-o', 'remount,size=64m', directory]);
      await vi.waitUntil(async () => (await count()) === IMAGES + 8_000, SOON);
      expect(await stop()).toBe(0);
      sound();
    });

    it('makes no copy on a disk without room for it', async () => {
      mkdirSync(directory);
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory]);
      expect(mounted.status, `a small disk is mounted as root: ${mounted.stderr}`).toBe(0);
      cleanup.add(() => void execFileSync('umount', ['--lazy', directory]));
      await ovadex.json('sync', '--all');
      const { code, stderr } = await ovadex.run('db', 'backup', join(directory, 'copy.db'));
      expect(code).toBe(74);
      expect(stderr).toMatch(/there is no room for a copy of the index: \d+ MB are free, it needs \d+ MB/);
      expect(readdirSync(directory).filter((name) => name.startsWith('copy'))).toEqual([]);
    });

    it('refuses a directory and a file that it may not write, by name', async () => {
      if (serverAccount === null) throw new Error('root starts the daemon as somebody who may not write');
      await ovadex.json('sync', '--all');
      const { uid, gid } = serverAccount;
      const asOther = async () => {
        const child = spawn(process.execPath, ovadex.argv('serve'), { uid, gid, stdio: ['ignore', 'ignore', 'pipe'] });
        overhear(child);
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        const [code] = (await once(child, 'close')) as [number | null];
        return { code, stderr };
      };
      chmodSync(dirname(ovadex.configFile), 0o755);
      chmodSync(ovadex.configFile, 0o644);
      chmodSync(directory, 0o755);
      expect(await asOther()).toEqual({
        code: 74,
        stderr: expect.stringMatching(/(?:ovadex\.db|daemon\.lock): .*EACCES/),
      });
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
      expect(await asOther()).toEqual({
        code: 74,
        stderr: expect.stringMatching(/(?:ovadex\.db|daemon\.lock): .*EACCES/),
      });
      chownSync(directory, uid, gid);
      expect(existsSync(join(directory, 'ovadex.db'))).toBe(false);
    });
  });

  it('says that its files may not grow, and takes in the rest when it is started without that limit', async () => {
    await ovadex.json('sync', '--all');
    put('much', 4_000);
    // In KiB, as the shell has it: the index fits, and what comes doesn't.
    const limited = await serve('ulimit -f 1024');
    await vi.waitUntil(() => /the index could not be used: .*\(SQLITE_(IOERR|FULL)/.test(limited.daemon.log()), SOON);
    expect(await limited.count()).toBeGreaterThanOrEqual(IMAGES);
    await limited.stop();
    sound();
    const { count } = await serve();
    await vi.waitUntil(async () => (await count()) === IMAGES + 4_000, SOON);
  });

  it('answers while another process has the index locked, and goes on with its syncs afterwards', async () => {
    const { daemon, count, stop } = await serve();
    await vi.waitUntil(async () => (await count()) === IMAGES, SOON);
    const locker = new Database(indexFile().file);
    locker.exec('BEGIN EXCLUSIVE');
    put('more', 50);
    await vi.waitUntil(() => /database is locked/.test(daemon.log()), SOON);
    expect(await count()).toBe(IMAGES);
    locker.exec('ROLLBACK');
    locker.close();
    await vi.waitUntil(async () => (await count()) === IMAGES + 50, SOON);
    expect(await stop()).toBe(0);
    sound();
  });

  it('refuses an index with a spoiled page, names the way back, and takes the restored one', async () => {
    await ovadex.json('sync', '--all');
    const { file } = indexFile();
    const backup = join(directory, 'copy.db');
    indexFile().backup(backup);
    const wayBack = expect.stringMatching(/"ovadex db restore FILE" goes back to a backup/) as string;
    // The first ones and, as a restored file has fewer than the one before, at last its own last one.
    for (const pageOf of [() => 1, () => 2, () => 3, () => statSync(file).size / 4096]) {
      const page = pageOf();
      spoilPage(file, page);
      expect(await refusal(), `page ${page}`).toEqual({ code: 65, stderr: wayBack });
      indexFile().restore(backup);
    }
    const { count } = await serve();
    expect(await count()).toBe(IMAGES);
  });

  it('refuses an index of a newer program and one of another program with 76', async () => {
    await ovadex.json('sync', '--all');
    const edit = (sql: string) => {
      const db = new Database(indexFile().file);
      db.exec(sql);
      db.close();
    };
    edit('PRAGMA user_version = 99');
    expect(await refusal()).toEqual({
      code: 76,
      stderr: expect.stringMatching(/written by a newer ovadex \(schema 99/),
    });
    edit('PRAGMA application_id = 7');
    expect(await refusal()).toEqual({ code: 76, stderr: expect.stringMatching(/belongs to another program/) });
  });

  it('leaves no log behind that is to be put into the index when it ends', async () => {
    const { count, stop } = await serve();
    await vi.waitUntil(async () => (await count()) === IMAGES, SOON);
    expect(await stop()).toBe(0);
    const log = `${indexFile().file}-wal`;
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  });
});

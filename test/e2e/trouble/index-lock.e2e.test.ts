import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/terminal/exit-code.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { type Daemon, startDaemon } from '../../kills/daemon.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { holdersOf } from '../../support/process/kernel-locks.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';

const CONFLICT = exitCodeOf(new OvadexError('conflict', ''));
/** Another program that opens the index, looks and closes it, as the shell of SQLite does. */
const STRANGER = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('SELECT count(*) FROM images').fetchall()
db.close()`;

describe('a running daemon keeps its index for itself', { timeout: 120_000 }, () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let file: string;
  let daemon: Daemon;
  let url: string;

  beforeEach(async () => {
    dav = await startDavServer();
    ovadex = await installOvadex();
    file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    dav.tree.put('jm/x.ova', { size: 1 });
    configure(['jm']);
    await serve();
  });
  afterEach(async () => {
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    ovadex.remove();
    await dav.close();
  });

  const configure = (users: readonly string[]) =>
    ovadex.configure({ spaces: users.map((user) => ({ user, url: `${dav.url}${user}/` })) });
  const serve = async () => {
    daemon = startDaemon(ovadex.argv('serve'));
    url = (await daemon.ready()) ?? '';
    expect(url, daemon.log()).not.toBe('');
  };
  const statusOf = async (token: string) =>
    (await fetch(`${url}/v2/image`, { headers: { Authorization: `Bearer ${token}` } })).status;
  const isLocked = () => holdersOf(file).includes(daemon.child.pid ?? 0);

  it('by a lock that stands after its start, a sync, a backup and a reload', async () => {
    expect(isLocked(), 'after the start').toBe(true);
    expect((await ovadex.sync('jm')).code).toBe(0);
    expect(isLocked(), 'after a sync').toBe(true);
    expect((await ovadex.run('db', 'backup', join(dirname(file), 'copy.db'))).code).toBe(0);
    expect(isLocked(), 'after a backup').toBe(true);
    configure(['jm', 'kim']);
    await expect.poll(daemon.log).toContain('configuration reloaded');
    expect(isLocked(), 'after a reload').toBe(true);
  });

  it('so that no other program takes the log away under it, and what a command revokes is refused', async () => {
    const { id, token } = await ovadex.createToken('jm');
    const log = statSync(`${file}-wal`).ino;
    expect(await statusOf(token)).toBe(200);
    const { status, stderr } = spawnSync('python3', ['-c', STRANGER, file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(statSync(`${file}-wal`).ino).toBe(log);
    expect((await ovadex.run('token', 'revoke', String(id))).code).toBe(0);
    expect(await statusOf(token)).toBe(401);
    const second = await ovadex.createToken('jm');
    expect(await statusOf(second.token)).toBe(200);
  });

  it('so that no backup takes its place', async () => {
    const copy = join(dirname(file), 'copy.db');
    await ovadex.json('db', 'backup', copy);
    const before = statSync(file).ino;
    const { code, stderr } = await ovadex.run('db', 'restore', copy);
    expect(stderr).toMatch(/data: another ovadex daemon uses this data directory/);
    expect(code).toBe(CONFLICT);
    expect(statSync(file).ino).toBe(before);
    expect(existsSync(`${file}-wal`)).toBe(true);
  });

  it('so that a second daemon says so and ends, and starts when the first was killed', async () => {
    const second = startDaemon(ovadex.argv('serve'));
    expect(await second.exited).toBe(CONFLICT);
    expect(second.log()).toMatch(/data: another ovadex daemon uses this data directory/);
    expect((await ovadex.sync('jm')).code).toBe(0);
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    await serve();
  });
});

describe('a daemon whose index is another one by its name', { timeout: 120_000 }, () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let directory: string;
  let file: string;
  let daemon: Daemon;

  beforeEach(async () => {
    dav = await startDavServer();
    ovadex = await installOvadex();
    directory = join(dirname(ovadex.configFile), 'data');
    file = join(directory, 'ovadex.db');
    dav.tree.put('jm/x.ova', { size: 1 });
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  });
  afterEach(async () => {
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    ovadex.remove();
    await dav.close();
  });

  const serve = async () => {
    daemon = startDaemon(ovadex.argv('serve'));
    expect(await daemon.ready(), daemon.log()).not.toBeNull();
  };
  /** As a service manager sees it: 74 starts it again. */
  const endsFor = async (why: RegExp) => {
    expect(await daemon.exited, daemon.log()).toBe(74);
    const errors = daemon
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(errors).toEqual([expect.stringMatching(why)]);
  };

  it('ends within seconds when its folder was moved, and loses nothing of it', async () => {
    await serve();
    await ovadex.createToken('jm');
    renameSync(directory, `${directory}.gone`);
    await endsFor(/data: the data directory was moved or deleted while the daemon had it open/);
    expect(existsSync(directory)).toBe(false);
    renameSync(`${directory}.gone`, directory);
    await serve();
    expect(await ovadex.json('token', 'list')).toMatchObject({ tokens: [{ user: 'jm' }] });
  });

  it('puts what its log held into the file when that was removed', async () => {
    await serve();
    expect((await ovadex.sync('jm')).code).toBe(0);
    rmSync(`${file}-wal`);
    await endsFor(/the write-ahead log was removed/);
    expect(await ovadex.images('jm')).toEqual(['x.ova']);
    expect((await ovadex.run('db', 'check')).code).toBe(0);
  });

  it('keeps a copy of what it had when a backup was put into its place, and the backup is whole', async () => {
    await serve();
    const backup = join(directory, 'copy.db');
    expect((await ovadex.sync('jm')).code).toBe(0);
    await ovadex.json('db', 'backup', backup);
    dav.tree.put('jm/later.ova', { size: 1 });
    expect((await ovadex.sync('jm', '--full')).code).toBe(0);
    renameSync(backup, file);
    await endsFor(/the index was replaced/);
    expect((await ovadex.run('db', 'check')).code).toBe(0);
    expect(await ovadex.images('jm')).toEqual(['x.ova']);
    const [kept = ''] = readdirSync(directory).filter((name) => name.includes('.replaced-'));
    expect(await ovadex.json('db', 'check', join(directory, kept))).toMatchObject({ ok: true, images: 2 });
  });
});

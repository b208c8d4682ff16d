import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon } from './kills/daemon.js';
import { type DavServer, startDavServer } from './support/dav-server.js';
import { holdersOf } from './support/kernel-locks.js';
import { installOvadex, type Ovadex } from './support/ovadex.js';

/** Another program that opens the index, looks and closes it, as the shell of SQLite does. */
const STRANGER = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('SELECT count(*) FROM images').fetchall()
db.close()`;

describe('a running daemon keeps its index for itself', () => {
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
    expect(stderr).toMatch(/ovadex\.db: another process has the index open|already uses this data directory/);
    expect(code).toBe(75);
    expect(statSync(file).ino).toBe(before);
    expect(existsSync(`${file}-wal`)).toBe(true);
  });
});

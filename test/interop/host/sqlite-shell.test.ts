import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { type CreatedToken, installOvadex, type Ovadex } from '../../support/process/ovadex.js';

const shell = findProgram('sqlite3');

/** What people do to the database of a service that runs. */
describeInstalled('the shell of SQLite beside a daemon', [shell === null ? "SQLite's shell (sqlite3)" : null], () => {
  const cleanup = createCleanup();
  let ovadex: Ovadex;
  let file: string;
  let url: string;
  let log: number;
  let token: CreatedToken;

  beforeAll(async () => {
    const dav = await startDavServer();
    cleanup.add(dav.close);
    dav.tree.put('jm/x.ova', { size: 1 });
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
    file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    token = await ovadex.createToken('jm');
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);
    url = daemon.url;
    log = statSync(`${file}-wal`).ino;
  });
  afterAll(() => cleanup.run());

  const ask = async (...words: readonly string[]) => {
    try {
      const { stdout } = await promisify(execFile)(shell ?? '', [file, ...words]);
      return stdout.trim();
    } catch (error) {
      return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    }
  };
  const statusOf = async ({ token: text }: CreatedToken) =>
    (await fetch(`${url}v2/image`, { headers: { Authorization: `Bearer ${text}` } })).status;

  it.each([
    ['a question', 'SELECT count(*) FROM spaces', /^\d+$/],
    ['a write', 'BEGIN IMMEDIATE; COMMIT; SELECT 7', /^7$/],
    ['a checkpoint', 'PRAGMA wal_checkpoint(TRUNCATE); SELECT 7', /7$/],
    ['its own backup', `.backup 'copy-by-shell.db'`, /^$/],
    ['another journal mode', 'PRAGMA journal_mode = DELETE', /locked/],
    ['exclusive locking', 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT 7; COMMIT', /locked|7/],
  ])('leaves the log where it is after %s', async (_, sql, answer) => {
    expect(await ask(sql.replace('copy-by-shell.db', join(dirname(file), 'copy-by-shell.db')))).toMatch(answer);
    expect(statSync(`${file}-wal`).ino).toBe(log);
    expect(await statusOf(token)).toBe(200);
  });

  it('is no reason to restore over it', async () => {
    const { code, stderr } = await ovadex.run('db', 'restore', join(dirname(file), 'copy-by-shell.db'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('another ovadex daemon uses this data directory');
    expect(existsSync(`${file}-wal`)).toBe(true);
  });

  it('leaves one index to commands and daemon: what is revoked is refused, what is synced is listed', async () => {
    expect((await ovadex.sync('jm')).code).toBe(0);
    const list = await fetch(`${url}v2/image`, { headers: { Authorization: `Bearer ${token.token}` } });
    expect(((await list.json()) as { data: unknown[] }).data).toHaveLength(1);
    expect(await ovadex.images('jm')).toEqual(['x.ova']);
    expect((await ovadex.run('token', 'revoke', String(token.id))).code).toBe(0);
    expect(await statusOf(token)).toBe(401);
    expect((await ovadex.run('db', 'check')).code).toBe(0);
  });
});

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { isThorough } from '../support/thorough.js';

const SOON = { timeout: 20_000, interval: 50 };
const account = (username: string) => ({ type: 'basic', username, password: `app password of ${username}` }) as const;

describe('a folder of credentials', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let folder: string;

  beforeEach(async () => {
    dav = await startDavServer({ auth: ['jm', 'lab', 'kim'].map(account) });
    for (const user of ['jm', 'lab', 'kim']) dav.tree.put(`${user}/x.ova`, { size: 1 });
    ovadex = await installOvadex();
    folder = join(dirname(ovadex.configFile), 'users');
    mkdirSync(folder);
    ovadex.configure({
      log: { level: 'info' },
      storage: { url: `${dav.url}{user}/` },
      spaces: [{ credentials: 'users' }],
    });
  });
  afterEach(async () => {
    ovadex.remove();
    await dav.close();
  });

  const hand = (user: string, password: string = account(user).password) => {
    writeFileSync(join(folder, `.${user}`), `${password}\n`, { mode: 0o600 });
    renameSync(join(folder, `.${user}`), join(folder, user));
  };
  const standing = async () => {
    const { spaces } = (await ovadex.run('spaces', '--json').then(({ stdout }) => JSON.parse(stdout))) as {
      spaces: { user: string; state: string; images: number }[];
    };
    return spaces.map(({ user, state, images }) => `${user} ${state} ${images}`);
  };

  it('is known to every command', async () => {
    hand('jm');
    hand('lab', 'revoked');
    writeFileSync(join(folder, 'old~'), 'x', { mode: 0o600 });
    const checked = await ovadex.run('config', 'check', '--online');
    expect(checked.code).toBe(69);
    expect(checked.stdout).toContain('is valid (2 spaces)');
    expect(checked.stdout).toContain(`ok      jm  ${dav.url}jm/`);
    expect(checked.stdout).toMatch(/failed {2}lab .*401/);
    expect(checked.stderr).toContain('1 entry not taken for users: these look like backups');
    expect((await ovadex.run('spaces')).stdout).toMatch(/^jm +pending/m);
    expect((await ovadex.run('sync', '--all', '--json')).stdout).toContain('"user": "jm"');
    expect(await standing()).toEqual(['jm fresh 1', 'lab suspended 0']);
    const shown = await ovadex.run('config', 'show');
    expect(shown.stdout).toContain(`credentials: ${folder}`);
    expect((await ovadex.run('config', 'show', '--user', 'jm')).stdout).toContain('username: jm');
    expect(`${shown.stdout}${checked.stdout}`).not.toContain('app password of');
    const doctor = await ovadex.run('doctor', '--user', 'jm', '--verbose');
    expect(doctor.stdout).toMatch(/ok .*jm/);
    expect((await ovadex.run('forget', '--user', 'jm', '--yes')).code).not.toBe(0);
  });

  it('makes each new file a space at once, and disturbs no other', async () => {
    hand('jm');
    const daemon: ServerProcess = await ovadex.serve();
    try {
      await expect.poll(standing, SOON).toEqual(['jm fresh 1']);
      const asksOf = (user: string) => dav.requests.filter(({ path }) => path === user).length;
      // A sync that is under way when the others come.
      const release = dav.fault('kim', { stall: 'head' });
      hand('kim');
      await expect.poll(() => asksOf('kim'), SOON).toBe(1);
      const before = asksOf('jm');
      hand('lab');
      await expect.poll(standing, SOON).toEqual(['jm fresh 1', 'kim pending 0', 'lab fresh 1']);
      expect([asksOf('jm'), asksOf('kim')]).toEqual([before, 1]);
      release();
    } finally {
      await daemon.stop();
    }
  });

  it.runIf(isThorough)(
    'takes a space away with its file, and goes on with a refused one once its file is another',
    async () => {
      hand('jm');
      hand('lab', 'revoked');
      const daemon: ServerProcess = await ovadex.serve();
      try {
        await expect.poll(standing, SOON).toEqual(['jm fresh 1', 'lab suspended 0']);
        hand('lab');
        await expect.poll(standing, SOON).toEqual(['jm fresh 1', 'lab fresh 1']);
        rmSync(join(folder, 'jm'));
        await expect.poll(standing, SOON).toEqual(['lab fresh 1']);
        hand('jm');
        await expect.poll(standing, SOON).toEqual(['jm fresh 1', 'lab fresh 1']);
      } finally {
        await daemon.stop();
      }
    },
  );
});

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { createNextcloud, type Nextcloud } from '../support/nextcloud/cloud.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';

interface SyncAnswer {
  readonly syncs: readonly { readonly user: string; readonly result: string }[];
  readonly discoveries: readonly { readonly users: number; readonly error: string | null }[];
  readonly warnings: readonly string[];
}

describe('users whom a Nextcloud names', () => {
  let cloud: Nextcloud;
  let ovadex: Ovadex;
  let users: string;

  beforeEach(async () => {
    cloud = await createNextcloud({ users: { admin: { isAdmin: true }, jm: {}, lab: {}, guest: {} } });
    for (const user of ['jm', 'lab', 'guest']) cloud.user(user).put('x.ova');
    ovadex = await installOvadex();
    users = join(dirname(ovadex.configFile), 'users');
    mkdirSync(users);
    configure(cloud.user('admin').mintAppPassword().secret);
    for (const user of ['jm', 'lab']) hand(user);
  });
  afterEach(async () => {
    ovadex.remove();
    await cloud.close();
  });

  const hand = (user: string) =>
    writeFileSync(join(users, user), cloud.user(user).mintAppPassword().secret, { mode: 0o600 });
  const configure = (password: string) =>
    ovadex.configure({
      spaces: [
        {
          discover: { ocs: cloud.url, exclude: ['admin'], auth: { type: 'basic', username: 'admin', password } },
          auth: { type: 'basic', username: '{user}', passwordFile: 'users/{user}' },
        },
      ],
    });
  const syncAll = async () => {
    const { code, stdout, stderr } = await ovadex.run('sync', '--all', '--json');
    return { code, stderr, ...(JSON.parse(stdout) as SyncAnswer) };
  };

  it('have a space each, with the password of a file of their own', async () => {
    const first = await syncAll();
    expect(first.syncs.map(({ user, result }) => `${user} ${result}`).sort()).toEqual(['jm complete', 'lab complete']);
    expect(first.warnings).toEqual([
      expect.stringMatching(/1 user has no credentials yet, and no space: "guest" .*users\/guest: must be a file/),
    ]);
    expect(await ovadex.images('jm')).toEqual(['x.ova']);
    const asked = cloud.requests.filter(({ user }) => user === 'admin').map(({ method, path }) => `${method} ${path}`);
    expect(asked).toEqual(['GET /ocs/v1.php/cloud/users']);

    hand('guest');
    expect((await syncAll()).syncs.map(({ user }) => user).sort()).toEqual(['guest', 'jm', 'lab']);
    const checked = await ovadex.run('config', 'check', '--online');
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining(`ok      discover  ${cloud.url}/`) });
    expect((await ovadex.run('doctor', '--user', 'jm')).code).toBe(0);
  });

  it('go when they are deleted, one by one, and stay while the list can’t be had', async () => {
    await syncAll();
    cloud.removeUser('lab');
    expect((await syncAll()).syncs.map(({ user }) => user)).toEqual(['jm']);
    cloud.setMaintenance(true);
    const { code, discoveries } = await syncAll();
    expect([code, discoveries[0]?.users]).toEqual([69, 1]);
    expect(discoveries[0]?.error).toContain('/ocs/v1.php/cloud/users');
  });

  it('are not listed to anybody but an administrator, which is said', async () => {
    ovadex.configure({
      spaces: [
        {
          discover: {
            ocs: cloud.url,
            auth: { type: 'basic', username: 'jm', password: cloud.user('jm').mintAppPassword().secret },
          },
          auth: { type: 'none' },
        },
      ],
    });
    const { code, discoveries } = await syncAll();
    expect([code, discoveries[0]?.error]).toEqual([69, expect.stringContaining('must be an admin or sub admin')]);
    const checked = await ovadex.run('config', 'check', '--online');
    expect(checked).toMatchObject({ code: 69, stdout: expect.stringContaining('must be an admin or sub admin') });
  });

  it('lose the space with the file', async () => {
    await syncAll();
    rmSync(join(users, 'lab'));
    expect((await syncAll()).syncs.map(({ user }) => user)).toEqual(['jm']);
  });
});

describe('a data directory', () => {
  it('has a space below each user’s folder, and none below what is no user’s', async () => {
    const dav = await startDavServer({
      auth: [{ username: 'svc', password: 'a secret of the service' }],
    });
    const ovadex = await installOvadex();
    try {
      for (const path of ['jm/files/x.ova', 'jm/files_trashbin/y.ova', 'lab/files/a/x.ova', 'appdata_1/files/x.ova']) {
        dav.tree.put(path, { size: 1 });
      }
      for (const path of ['files_external/rootcerts.crt', '__groupfolders/1/files/x.ova'])
        dav.tree.put(path, { size: 1 });
      ovadex.configure({
        spaces: [
          {
            discover: { url: dav.url, space: '{user}/files/', exclude: ['appdata_*'] },
            auth: { type: 'basic', username: 'svc', password: 'a secret of the service' },
          },
        ],
      });
      expect((await ovadex.run('sync', '--all')).code).toBe(0);
      const { spaces } = (await ovadex.json('spaces')) as { spaces: { user: string }[] };
      expect(spaces.map(({ user }) => user)).toEqual(['jm', 'lab']);
      expect(await ovadex.images('jm')).toEqual(['x.ova']);
      expect(await ovadex.images('lab')).toEqual(['a/x.ova']);
      expect((await ovadex.run('doctor', '--user', 'jm')).code).toBe(0);
    } finally {
      ovadex.remove();
      await dav.close();
    }
  });
});

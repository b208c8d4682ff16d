import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudScene, createCloudScene } from './scene.js';

const WHY =
  "empty and without ETag: Nextcloud does so with other users' folders and for app passwords without file access";

describe('an operator of a Nextcloud', () => {
  let scene: CloudScene;

  beforeEach(async () => {
    scene = await createCloudScene({ users: { jm: {}, lab: {}, admin: { isAdmin: true } } });
    for (const user of ['jm', 'lab']) scene.cloud.user(user).put(`of-${user}/x.ova`, { sizeBytes: 7 });
  });
  afterEach(() => scene.end());

  it('is told by every command why a service account can’t work', async () => {
    const { cloud, ovadex } = scene;
    const password = cloud.user('admin').mintAppPassword().secret;
    ovadex.configure({
      storage: {
        url: `${cloud.url}/remote.php/dav/files/{user}/`,
        auth: { type: 'basic', username: 'admin', password },
      },
      spaces: [{ user: 'jm' }, { user: 'lab' }],
    });
    for (const words of ['config check --online', 'sync --all', 'spaces', 'doctor']) {
      const { code, stdout, stderr } = await ovadex.run(...words.split(' '));
      expect({ words, isFine: code === 0 }).toEqual({ words, isFine: false });
      for (const user of ['jm', 'lab']) expect(`${stdout}${stderr}`).toMatch(new RegExp(`${user}.*${WHY}`));
    }
  });

  it('is told the same of an app password without access to files, and all is well once it has that', async () => {
    const { cloud, ovadex } = scene;
    ovadex.configure({ spaces: scene.ownSpaces(['jm']) });
    const [appPassword] = cloud.user('jm').appPasswords;
    if (appPassword !== undefined) appPassword.hasFileAccess = false;
    const refused = await scene.sync();
    expect(refused.syncs).toMatchObject([{ result: 'failed', errors: [expect.stringContaining(WHY)] }]);
    if (appPassword !== undefined) appPassword.hasFileAccess = true;
    expect((await scene.sync()).syncs).toMatchObject([{ result: 'complete' }]);
    expect(await scene.untruths(['jm'])).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CloudUser } from '../../support/nextcloud/user.js';
import { isThorough } from '../../support/thorough.js';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

/** Each has a user of its own: a second hint for one space waits a little longer than the first. */
const CHANGES: readonly (readonly [string, string, (user: CloudUser) => void])[] = [
  ['an upload', 'uploads', (user) => user.put('a/b/y.ova')],
  ['an upload into new folders', 'adds', (user) => user.put('a/c/d/z.ovf')],
  ['a folder renamed', 'renames', (user) => user.move('a/b', 'a/renamed')],
  ['a file moved', 'moves', (user) => user.move('a/b/x.ova', 'y.ova')],
  ['a file deleted', 'deletes', (user) => user.delete('a/b/x.ova')],
  ['a folder deleted', 'clears', (user) => user.delete('a/b')],
];
const USERS = [...CHANGES.map(([, user]) => user), 'lab'];
/** A hint is followed within a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };
const WITHIN_MS = 120_000;

describe('a Nextcloud that tells of changes by webhook_listeners', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;
  let tokens: ReadonlyMap<string, string>;

  beforeEach(async () => {
    scene = await createCloudScene({
      users: Object.fromEntries([...USERS, 'stranger'].map((user) => [user, {}])),
    });
    const { cloud, ovadex } = scene;
    for (const user of USERS) for (const path of ['a/b/x.ova', 'a/w.ova', 'v.ova']) cloud.user(user).put(path);
    scene.configure({ spaces: scene.ownSpaces(USERS) });
    await scene.sync();
    daemon = await scene.serve();
    const made: [string, string][] = [];
    for (const user of USERS) made.push([user, (await ovadex.createToken(user)).token]);
    tokens = new Map(made);
    const { token } = await ovadex.createToken('nextcloud', ['--scope', 'hint', '--force']);
    cloud.webhooks.register({ uri: `${daemon.url}/v2/hint`, headers: { Authorization: `Bearer ${token}` } });
  });
  afterEach(() => scene.end());

  const shown = (user: string) => async () => (await daemon.list(tokens.get(user) ?? '')).paths;
  const runBackgroundJobs = async () => {
    expect(new Set(await scene.cloud.webhooks.deliver())).toEqual(new Set([202]));
  };

  it(
    'has them shown without a poll: uploads, moves, deletions, and what comes out of the trash',
    async () => {
      const { cloud } = scene;
      for (const [what, name, change] of CHANGES) {
        const user = cloud.user(name);
        change(user);
        await runBackgroundJobs();
        await expect.poll(shown(name), { ...SOON, message: what }).toEqual(user.images());
      }
      cloud.user('deletes').restore('a/b/x.ova');
      await runBackgroundJobs();
      await expect.poll(shown('deletes'), SOON).toEqual(cloud.user('deletes').images());
      expect(await shown('lab')()).toEqual(['a/b/x.ova', 'a/w.ova', 'v.ova']);
    },
    WITHIN_MS,
  );

  it.runIf(isThorough)(
    'is thanked for what concerns nobody here, and asked nothing for it',
    async () => {
      scene.cloud.forgetRequests();
      scene.cloud.user('stranger').put('x.ova');
      await runBackgroundJobs();
      scene.cloud.user('lab').put('a/b/y.ova');
      await runBackgroundJobs();
      await expect.poll(shown('lab'), SOON).toContain('a/b/y.ova');
      expect(scene.cloud.requests.filter(({ path }) => path.includes('stranger'))).toEqual([]);
    },
    WITHIN_MS,
  );
});

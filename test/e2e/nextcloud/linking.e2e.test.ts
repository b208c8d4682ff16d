import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isThorough } from '../../support/thorough.js';
import { type CloudDaemon, type CloudScene, createCloudScene } from './scene.js';

/** A pending log-in is looked at every few seconds. */
const SOON = { timeout: 60_000, interval: 100 };
const WITHIN_MS = 180_000;

interface Link {
  readonly state: string;
  readonly login_url: string | null;
  readonly message: string;
}

describe('a user of a Nextcloud', () => {
  let scene: CloudScene;
  let daemon: CloudDaemon;
  let tokens: ReadonlyMap<string, string>;

  beforeAll(async () => {
    scene = await createCloudScene({ users: { jm: {}, lab: {} } });
    const { cloud, ovadex } = scene;
    for (const user of ['jm', 'lab']) cloud.user(user).put(`of-${user}/deep/x.ova`);
    // Single sign-on or a second factor: the real password opens nothing but the web pages.
    cloud.user('jm').account.needsSecondFactor = true;
    scene.configure({ link: { origins: [{ url: `${cloud.url}/remote.php/dav/files/{user}/` }] }, spaces: [] });
    const [jm, lab] = [await ovadex.createToken('jm', ['--force']), await ovadex.createToken('lab', ['--force'])];
    tokens = new Map([
      ['jm', jm.token],
      ['lab', lab.token],
    ]);
    daemon = await scene.serve();
  });
  afterAll(() => scene.end());

  const link = async (user: string, method = 'GET') => {
    const answer = await daemon.ask(tokens.get(user) ?? '', method, '/v2/user/space/link');
    return { status: answer.status, ...((await answer.json()) as { data: Link }).data };
  };
  const list = (user: string) => daemon.list(tokens.get(user) ?? '');
  const sync = (user: string) => daemon.ask(tokens.get(user) ?? '', 'PATCH', '/v2/user/image/vm');
  /** Connects a space; who logs in in the browser may be somebody else. */
  const connect = async (user: string, by = user) => {
    const begun = await link(user, 'POST');
    expect(begun).toMatchObject({ status: 202, login_url: expect.stringContaining(scene.cloud.url) });
    expect(await scene.cloud.user(by).grant(begun.login_url ?? '')).toBe(200);
    await expect.poll(async () => (await link(user)).login_url, SOON).toBeNull();
    return await link(user);
  };
  const isShown = (user: string) =>
    expect.poll(() => list(user), SOON).toEqual({ paths: scene.cloud.user(user).images(), state: 'fresh' });

  it(
    'connects the storage, sees the images, keeps them through a new password, renews, and disconnects',
    async () => {
      const jm = scene.cloud.user('jm');
      expect(await list('jm')).toEqual({ paths: [], state: 'unlinked' });
      expect(await link('jm')).toMatchObject({ state: 'unlinked', login_url: null });
      await connect('jm');
      // Until the next sync has used the new app password, the last one's refusal is what is known.
      await expect.poll(async () => (await link('jm')).state, SOON).toBe('linked');
      await isShown('jm');
      const [first] = jm.appPasswords;
      expect(first?.name).toMatch(/ovadex/);

      jm.setPassword('another one, set since');
      jm.put('of-jm/y.ova');
      await sync('jm');
      await isShown('jm');

      if (first !== undefined) jm.revoke(first);
      jm.put('of-jm/z.ova');
      await sync('jm');
      await expect.poll(async () => (await link('jm')).state, SOON).toBe('refused');
      expect((await list('jm')).paths).toHaveLength(2);
      await connect('jm');
      // Until the next sync has used the new app password, the last one's refusal is what is known.
      await expect.poll(async () => (await link('jm')).state, SOON).toBe('linked');
      await isShown('jm');

      expect((await daemon.ask(tokens.get('jm') ?? '', 'DELETE', '/v2/user/space/link')).status).toBe(200);
      expect(jm.appPasswords).toEqual([]);
      expect((await list('jm')).state).toBe('unlinked');
      expect(await list('lab')).toEqual({ paths: [], state: 'unlinked' });
    },
    WITHIN_MS,
  );

  it(
    'gets nobody else’s files, whoever agrees in the browser, and leaves no app password behind',
    async () => {
      expect(await connect('lab', 'jm')).toMatchObject({ state: 'unlinked', message: expect.stringMatching(/lab/) });
      expect((await list('lab')).paths).toEqual([]);
      await expect.poll(() => scene.cloud.user('jm').appPasswords, SOON).toEqual([]);
    },
    WITHIN_MS,
  );

  it.runIf(isThorough)(
    'stays connected through a restart, without a readable app password in the index',
    async () => {
      await connect('lab');
      await isShown('lab');
      await daemon.stop();
      const data = join(dirname(scene.ovadex.configFile), 'data');
      const [appPassword] = scene.cloud.user('lab').appPasswords;
      expect(readFileSync(join(data, 'ovadex.db')).includes(appPassword?.secret ?? '')).toBe(false);
      daemon = await scene.serve();
      scene.cloud.user('lab').put('later.ova');
      await sync('lab');
      await isShown('lab');
    },
    WITHIN_MS,
  );
});

import { expect, it } from 'vitest';
import { begin, commit, end, listing } from '../contract/index-under-test.js';
import { someOf } from '../support/thorough.js';
import { createAdminScene } from './admin/admin-scene.js';

/** Whatever may be a user name: markup, what parts addresses and filters, what would turn the text around it. */
const NAMES = ['a\u202eb\u2066', '<i>"&?#%2F;,|\\', 'a b+c', '%', '日本', '🐬', '...'];
const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

it.each(someOf(NAMES, 3))(
  'a user called %j has every page, on which the name is text and turns nothing around',
  async (user) => {
    const scene = createAdminScene();
    await scene.addSpace(user);
    await scene.sync(user, ['a.ova', 'b.ova']);
    const tested = { ...scene.index, clock: scene.time, close: async () => undefined };
    const { lease } = await begin(tested, user);
    await commit(tested, lease, listing('', ['b.ova']), { removals: 'hold' });
    await end(tested, lease, { heldRemovals: 1, heldReasons: ['1 of 2 images is gone'] });
    const admin = await scene.signIn('root', ['admin']);
    const own = await scene.signIn(user);
    const [space, query] = [`/admin/spaces/${encodeURIComponent(user)}`, `?user=${encodeURIComponent(user)}`];
    const expectWhole = ({ status, html }: { readonly status: number; readonly html: string }, path: string) => {
      const body = html.replaceAll(/ (value|href|action)="[^"]*"/g, '');
      expect([path, status, body.includes('<i>'), TURNING.test(body)]).toEqual([path, 200, false, false]);
    };
    for (const path of [
      '',
      '/spaces',
      '/syncs',
      '/health',
      `/spaces${query}`,
      `/syncs${query}`,
      `/search${query}`,
      `/forget${query}`,
    ]) {
      expectWhole(await admin.get(`/admin${path}`), path);
    }
    for (const path of [space, `${space}/held`]) expectWhole(await admin.get(path), path);
    for (const path of ['/images', '/why?q=a.ova', '/space']) expectWhole(await own.get(path), path);
    expectWhole(await admin.post('/admin/spaces', { act: 'sync', user }), 'chosen');
    for (const act of ['sync', 'full', 'keep', 'accept']) expectWhole(await admin.post(`${space}/${act}`), act);
  },
);

it.each(['.', '..', '%', ' x', 'a/b', '\u0000'])(
  '%j is nobody, wherever it is typed: nothing is done to anybody',
  async (user) => {
    const scene = createAdminScene();
    await scene.addSpace('jm');
    const admin = await scene.signIn('root', ['admin']);
    const forgotten = await admin.post('/admin/forget', { typed: user });
    // A dot alone ends the address one part earlier, where nothing can be deleted.
    expect([forgotten.status, scene.audit.map(({ outcome }) => outcome).includes('done')]).toEqual([
      user === '.' ? 405 : 404,
      false,
    ]);
    const acted = await admin.post('/admin/spaces', { act: 'resume', user });
    expect([acted.status, acted.html.includes('Not done: ')]).toEqual([200, true]);
  },
);

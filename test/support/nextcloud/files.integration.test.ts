import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hrefsOf, propfindPlainly } from '../plain-http.js';
import { createNextcloud, type Nextcloud } from './cloud.js';
import { searchFor } from './search-scene.js';

const PROPERTIES =
  '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop><d:getetag/><oc:permissions/><nc:mount-type/></d:prop></d:propfind>';

describe('files of the modelled Nextcloud', () => {
  let cloud: Nextcloud;
  beforeEach(async () => {
    cloud = await createNextcloud({ users: { jm: {}, lab: {} } });
  });
  afterEach(() => cloud.close());

  const propfind = (user: string, path = '', depth = '1') => {
    const { url, account } = cloud.user(user);
    const Authorization = `Basic ${Buffer.from(`${user}:${account.password}`).toString('base64')}`;
    return propfindPlainly(`${url}${path}`, { headers: { Authorization }, depth, body: PROPERTIES });
  };
  /** ETag, permissions and kind of mount of what shows at a path. */
  const shown = async (user: string, path = '') => {
    const text = (await propfind(user, path, '0')).body.toString();
    const value = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1];
    return { etag: value('d:getetag'), permissions: value('oc:permissions'), type: value('nc:mount-type') };
  };
  /** Which of these paths show another ETag after the change. */
  const moved = async (user: string, paths: readonly string[], change: () => void) => {
    const before = await Promise.all(paths.map((path) => shown(user, path)));
    change();
    const after = await Promise.all(paths.map((path) => shown(user, path)));
    return paths.filter((_, at) => before[at]?.etag !== after[at]?.etag);
  };

  it('have ETags that every change below moves, and no other', async () => {
    const jm = cloud.user('jm');
    jm.put('a/b/x.ova');
    jm.put('c/y.ova');
    const paths = ['', 'a', 'a/b', 'c'];
    expect(await moved('jm', paths, () => jm.put('a/b/z.ova'))).toEqual(['', 'a', 'a/b']);
    expect(await moved('jm', paths, () => jm.put('a/b/x.ova', { sizeBytes: 5 }))).toEqual(['', 'a', 'a/b']);
    expect(await moved('jm', paths, () => jm.delete('a/b/z.ova'))).toEqual(['', 'a', 'a/b']);
    expect(await moved('jm', paths, () => jm.restore('a/b/z.ova'))).toEqual(['', 'a', 'a/b']);
    expect(await moved('jm', paths, () => jm.move('a/b/x.ova', 'c/x.ova'))).toEqual(paths);
    expect(await moved('jm', paths, () => jm.set('c/x.ova', { sizeBytes: 1 }))).toEqual([]);
    expect(jm.images()).toEqual(['a/b/z.ova', 'c/x.ova', 'c/y.ova']);
  });

  it('of a team folder move every member’s root, whoever wrote them', async () => {
    cloud.addTeamFolder('team', ['jm', 'lab']);
    const change = () => cloud.user('lab').put('team/deep/t.ova');
    expect(await moved('jm', ['', 'team'], change)).toEqual(['', 'team']);
    expect(cloud.user('jm').images()).toEqual(['team/deep/t.ova']);
    expect(await shown('jm', 'team')).toMatchObject({ permissions: 'RMGCK', type: 'group' });
    expect(await shown('jm', 'team/deep/t.ova')).toMatchObject({ permissions: 'RMGDNVW', type: 'group' });
  });

  it('that are shared move the other’s root, and go with what was shared', async () => {
    const jm = cloud.user('jm');
    const lab = cloud.user('lab');
    jm.put('mine/x.ova');
    expect(await moved('lab', [''], () => jm.share('mine', lab))).toEqual(['']);
    expect(await moved('lab', ['', 'mine'], () => jm.put('mine/y.ova'))).toEqual(['', 'mine']);
    lab.put('mine/z.ova');
    expect(jm.images()).toEqual(['mine/x.ova', 'mine/y.ova', 'mine/z.ova']);
    expect(lab.images()).toEqual(jm.images());
    expect(await shown('lab', 'mine/x.ova')).toMatchObject({ permissions: 'SRGDNVW', type: 'shared' });
    jm.delete('mine');
    expect(hrefsOf(await propfind('lab'))).toEqual(['/remote.php/dav/files/lab/']);
  });

  it('on an external storage show once their folder is listed, and SEARCH knows no more than that', async () => {
    const external = cloud.addExternal('jm', 'ext');
    external.put('a/x.ova');
    const found = async () => hrefsOf(await searchFor(cloud, 'jm'));
    expect(await found()).toEqual([]);
    expect(await moved('jm', [''], () => external.put('a/y.ova'))).toEqual([]);
    await propfind('jm', 'ext/');
    expect(await found()).toEqual([]);
    const listed = await propfind('jm', 'ext/a/');
    expect(hrefsOf(listed)).toEqual(['', 'x.ova', 'y.ova'].map((name) => `/remote.php/dav/files/jm/ext/a/${name}`));
    expect(await found()).toHaveLength(2);
    external.remove('a/x.ova');
    external.scan();
    expect(await found()).toHaveLength(1);
    expect(await shown('jm', 'ext/a/y.ova')).toMatchObject({ permissions: 'MGDNVW', type: 'external' });
  });

  it('have hrefs in sabre’s spelling', async () => {
    const jm = cloud.user('jm');
    const names = [
      'a*b.ova',
      '@at$.OVF',
      'col:on (1).ova',
      'é.ova',
      'hash#q?.ova',
      "quo'te.ova",
      '100%.ova',
      'plus+.ova',
    ];
    for (const name of names) jm.put(name);
    const hrefs = hrefsOf(await propfind('jm')).map((href) => href.split('/').at(-1));
    expect(new Set(hrefs)).toEqual(
      new Set([
        '',
        'a%2ab.ova',
        '@at%24.OVF',
        'col:on%20(1).ova',
        '%c3%a9.ova',
        'hash%23q%3f.ova',
        'quo%27te.ova',
        '100%25.ova',
        'plus%2b.ova',
      ]),
    );
  });

  it.each([
    ['cut without a word', { cutAt: 2 }, 207, 2],
    ['with a file lost', { hidden: ['d'] }, 207, 2],
    ['stale', { isStale: true }, 207, 3],
    ['failing', { fails: true }, 500, 0],
    ['off', { isOff: true }, 405, 0],
  ] as const)('are found by SEARCH, which can be %s', async (_, faults, status, count) => {
    const jm = cloud.user('jm');
    for (const path of ['a.ova', 'b/b.OVF', 'd/d.ova']) jm.put(path);
    jm.put('b/no.txt');
    expect(hrefsOf(await searchFor(cloud, 'jm'))).toHaveLength(3);
    cloud.setSearch(faults);
    if (faults === undefined || 'isStale' in faults) jm.put('new.ova');
    const answer = await searchFor(cloud, 'jm');
    expect({ status: answer.status, count: hrefsOf(answer).length }).toEqual({ status, count });
  });

  it('are found by SEARCH in the order and from the place that is asked for', async () => {
    for (const path of ['c.ova', 'a.ova', 'x/b.ova', 'd.ova']) cloud.user('jm').put(path);
    const answer = await searchFor(cloud, 'jm', { limit: 2, offset: 1, orderBy: 'd:displayname' });
    expect(hrefsOf(answer)).toEqual(['x/b.ova', 'c.ova'].map((path) => `/remote.php/dav/files/jm/${path}`));
    const within = await searchFor(cloud, 'jm', { scope: 'x' });
    expect(hrefsOf(within)).toEqual(['/remote.php/dav/files/jm/x/b.ova']);
  });

  it('tell webhooks of every change, when the background jobs run', async () => {
    const told: { readonly type: string | undefined; readonly body: unknown }[] = [];
    const receiver = await createNextcloud({
      interpose(request) {
        told.push({ type: request.header('content-type'), body: JSON.parse(request.body) });
        return { status: 202, type: 'text/plain' };
      },
    });
    cloud.webhooks.register({ uri: `${receiver.url}/v2/hint`, headers: { Authorization: 'Bearer t' } });
    const jm = cloud.user('jm');
    jm.put('a/x.ova');
    jm.move('a/x.ova', 'y.ova');
    jm.delete('y.ova');
    expect(cloud.webhooks.pending).toBe(6);
    expect(await cloud.webhooks.deliver()).toEqual(Array(6).fill(202));
    await receiver.close();
    const id = expect.any(Number);
    const node = 'OCP\\Files\\Events\\Node\\';
    expect(told[2]).toEqual({
      type: '',
      body: {
        event: { node: { id, path: '/jm/files/a/x.ova' }, class: `${node}NodeCreatedEvent` },
        user: { uid: 'jm', displayName: 'jm' },
        time: expect.any(Number),
      },
    });
    expect(told.slice(4).map(({ body }) => body)).toMatchObject([
      { event: { source: { path: '/jm/files/a/x.ova' }, target: { id, path: '/jm/files/y.ova' } } },
      { event: { node: { path: '/jm/files/y.ova' }, class: `${node}NodeDeletedEvent` } },
    ]);
  });
});

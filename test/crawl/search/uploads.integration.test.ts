import { describe, expect, it } from 'vitest';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';
import { someOf } from '../../support/thorough.js';

const SLOW = { timeout: 120_000 };
const MINUTE = 60_000;
/** The root asked, the search, and the folder of the upload. */
const AT_MOST = 3;

/** A user with folders of the own, a team folder and a received share, crawled once. */
async function createHome() {
  const scene = await startCrawledCloud();
  const { cloud, jm, askedAfter } = scene;
  const lab = cloud.user('lab');
  cloud.addTeamFolder('team', ['jm', 'lab']);
  lab.put('team/a/b/x.ova');
  lab.put('mine/shared/y.ova');
  lab.share('mine', jm);
  await askedAfter(() => undefined);
  return { ...scene, lab };
}
type Home = Awaited<ReturnType<typeof createHome>>;

/** What is done, by whom, and what then has to show. */
const UPLOADS: readonly (readonly [string, (home: Home) => void, readonly string[]])[] = [
  ['far down', ({ jm }) => jm.put('d3/leaf3/new.ova'), ['d3/leaf3/new.ova']],
  ['further down', ({ jm }) => jm.put('d3/leaf3/e/f/g/new.ova'), ['d3/leaf3/e/f/g/new.ova']],
  ['in the root', ({ jm }) => jm.put('new.ova'), ['new.ova']],
  [
    'of two into one folder',
    ({ jm }) => {
      jm.put('d4/leaf4/one.ova');
      jm.put('d4/leaf4/two.ova');
    },
    ['d4/leaf4/one.ova', 'd4/leaf4/two.ova'],
  ],
  ['with a new folder', ({ jm }) => jm.put('brand/new/x.ova'), ['brand/new/x.ova']],
  ['by another into a team folder', ({ lab }) => lab.put('team/a/b/by-lab.ova'), ['team/a/b/by-lab.ova']],
  ['with a new folder in a team folder', ({ lab }) => lab.put('team/n/e/w.ova'), ['team/n/e/w.ova']],
  ['by its owner into a received share', ({ lab }) => lab.put('mine/shared/by-lab.ova'), ['mine/shared/by-lab.ova']],
  [
    'beside files and folders that are deleted',
    ({ jm }) => {
      jm.delete('d5/leaf5/x.ova');
      jm.delete('d6/leaf6');
      jm.put('d8/leaf8/new.ova');
    },
    ['d8/leaf8/new.ova'],
  ],
];

describe('an upload is in the list after three requests', () => {
  it.each(someOf(UPLOADS, 2))('%s, be it the first change after the first crawl', SLOW, async (_, upload, paths) => {
    const home = await createHome();
    expect(await home.askedUntilShown(() => upload(home), paths)).toBeLessThanOrEqual(AT_MOST);
    await home.isTrue();
  });

  it('one after the other, while those before may still be written to', SLOW, async () => {
    const home = await createHome();
    for (const [what, upload, paths] of someOf(UPLOADS, 3)) {
      expect(await home.askedUntilShown(() => upload(home), paths, MINUTE / 3), what).toBeLessThanOrEqual(AT_MOST);
    }
    await home.askedAfter(() => undefined);
    await home.isTrue();
  });

  it('one after the other, each by a program that has just been started', SLOW, async () => {
    const home = await createHome();
    for (const [what, upload, paths] of someOf(UPLOADS, 3)) {
      await home.restart();
      expect(await home.askedUntilShown(() => upload(home), paths), what).toBeLessThanOrEqual(AT_MOST);
      await home.isTrue();
    }
  });

  it('after a night in which everything was listed', SLOW, async () => {
    const home = await createHome();
    await home.askedAfter(() => home.jm.put('d3/leaf3/lesson.ova'));
    await home.askedAfter(() => undefined, 'full');
    for (const [what, upload, paths] of someOf(UPLOADS, 3)) {
      expect(await home.askedUntilShown(() => upload(home), paths), what).toBeLessThanOrEqual(AT_MOST);
    }
  });
});

describe('a space in which nothing has changed costs one request', () => {
  it('from the first crawl on, team folders and shares included, whatever was learned', SLOW, async () => {
    const home = await createHome();
    const { askedAfter, jm, lab, restart } = home;
    const nothing = async () => {
      const { cpuMs, ...byMethod } = await askedAfter(() => undefined);
      return byMethod;
    };
    expect(await nothing()).toEqual({ SEARCH: 1 });
    await restart();
    expect(await nothing()).toEqual({ SEARCH: 1 });
    await askedAfter(() => undefined, 'full');
    expect(await nothing()).toEqual({ SEARCH: 1 });
    await askedAfter(() => jm.put('d3/leaf3/lesson.ova'));
    expect(await nothing()).toEqual({ PROPFIND: 1 });
    await askedAfter(() => lab.put('team/a/b/by-lab.ova'));
    expect(await nothing()).toEqual({ PROPFIND: 1 });
    await askedAfter(() => lab.put('mine/shared/by-lab.ova'));
    expect(await nothing()).toEqual({ PROPFIND: 1 });
    await restart();
    expect(await nothing()).toEqual({ PROPFIND: 1 });
    await askedAfter(() => undefined, 'full');
    expect(await nothing()).toEqual({ PROPFIND: 1 });
    await home.isTrue();
  });
});

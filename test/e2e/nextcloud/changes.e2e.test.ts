import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudScene, createCloudScene } from './scene.js';

const USERS = ['jm', 'lab'];
/** Markers are believed once they are older than two seconds. */
const AGED = { modifiedAt: Date.parse('2026-01-01T00:00:00Z') };

/** Forty syncs, and each time two lists by commands of their own. */
const WITHIN_MS = 180_000;

describe('spaces on a Nextcloud, with an app password of each user', () => {
  let scene: CloudScene;
  let now: number;

  beforeEach(async () => {
    now = Date.now() - 3_600_000;
    scene = await createCloudScene({ users: { jm: {}, lab: {} }, now: () => now });
    scene.cloud.addTeamFolder('team', USERS);
    const [jm, lab] = [scene.cloud.user('jm'), scene.cloud.user('lab')];
    for (const path of ['a/b/c/d/e/f.ova', 'a/b/g.ovf', 'h/i/j.ova', 'k.ova', 'no/image.txt']) jm.put(path, AGED);
    for (const path of ['l/m.ova', 'team/n/o.ova', 'team/p/q/r.ovf']) lab.put(path, AGED);
    now = Date.now();
    scene.configure({ spaces: scene.ownSpaces(USERS) });
  });
  afterEach(() => scene.end());

  it(
    'show what each user sees, through every kind of change, mounts included',
    async () => {
      const { cloud } = scene;
      const [jm, lab] = [cloud.user('jm'), cloud.user('lab')];
      const external = cloud.addExternal('jm', 'ext');
      const changes: readonly (readonly [string, () => void])[] = [
        ['nothing', () => undefined],
        ['an upload far down', () => jm.put('a/b/c/d/e/new.ova')],
        ['the same again', () => jm.put('a/b/c/d/e/newer.ova')],
        ['another', () => jm.put('a/b/c/newest.ova')],
        ['nothing', () => undefined],
        ['a file written in place', () => jm.put('a/b/g.ovf', { sizeBytes: 99 })],
        ['a folder renamed', () => jm.move('a/b', 'a/renamed')],
        ['a file deleted', () => jm.delete('k.ova')],
        ['the same restored', () => jm.restore('k.ova')],
        ['a folder moved elsewhere', () => jm.move('a/renamed/c', 'h/c')],
        ['an upload into the team folder', () => lab.put('team/n/by-lab.ova')],
        ['another, far down', () => lab.put('team/p/q/s/t/by-lab.ova')],
        ['a folder shared', () => jm.share('h', lab)],
        ['an upload into what is shared', () => jm.put('h/i/more.ova')],
        ['an upload by whom it is shared with', () => lab.put('h/by-lab.ova')],
        ['an upload of the other’s own', () => lab.put('l/own.ova')],
        ['what was shared no more', () => jm.unshare('h', lab)],
        ['a file on the external storage', () => external.put('deep/er/x.ova')],
        ['a file less there', () => external.remove('deep/er/x.ova')],
        ['a file moved into the team folder', () => jm.move('a/renamed/g.ovf', 'team/g.ovf')],
      ];
      for (const [what, change] of changes) {
        change();
        now += 60_000;
        const { syncs } = await scene.sync();
        expect(
          syncs.map(({ result }) => result),
          what,
        ).toEqual(['complete', 'complete']);
        if (what.includes('external')) await scene.sync();
        expect(await scene.untruths(USERS), what).toEqual([]);
      }
    },
    WITHIN_MS,
  );
});

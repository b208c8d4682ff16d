import { describe, expect, it } from 'vitest';
import { placesOf } from '../../src/doctor/places.js';
import type { DiscoverySettings, Space, SpaceSettings } from '../../src/domain/model/space.js';

const OUTER: DiscoverySettings = {
  url: 'http://dav.test/',
  auth: { type: 'basic', username: 'outer', password: 'a secret of the outer' },
};
const INNER: DiscoverySettings = {
  url: 'http://dav.test/teams/',
  auth: { type: 'basic', username: 'inner', password: 'a secret of the inner' },
};
const NAMED: SpaceSettings = { user: 'jm', url: 'http://own.test/', auth: { type: 'none' }, watchDirectory: null };
const CONFIG = { spaces: [NAMED], discoveries: [OUTER, INNER] };

const spaceOf = new Map(
  ['http://dav.test/kim/', 'http://dav.test/teams/lab/', 'http://gone.test/left/'].map((url) => {
    const user = url.split('/').at(-2) ?? '';
    return [user, { user, url } as Space] as const;
  }),
);
const asked = async (users: readonly string[] | null) =>
  (await placesOf(CONFIG, users, spaceOf, async () => ({ problem: 'nobody has a file' }))).map(
    ({ user, url, auth }) => [user, url, 'username' in auth ? auth.username : null],
  );

describe('the places that doctor asks', () => {
  it('are all of the configuration, with the folders of discoveries', async () => {
    expect(await asked(null)).toEqual([
      [null, OUTER.url, 'outer'],
      [null, INNER.url, 'inner'],
      ['jm', NAMED.url, null],
    ]);
  });

  it('are those of some users, once each, with the credentials of the discovery that found them', async () => {
    expect(await asked(['lab', 'jm', 'kim', 'lab'])).toEqual([
      ['lab', 'http://dav.test/teams/lab/', 'inner'],
      ['jm', NAMED.url, null],
      ['kim', 'http://dav.test/kim/', 'outer'],
    ]);
  });

  it.each(['nobody', 'left'])('are none of %s, who has no space in the configuration', async (user) => {
    await expect(asked([user])).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

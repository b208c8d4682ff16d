import { expect, it } from 'vitest';
import type { RosterEntry } from '../../../src/crawl/spaces/space-roster.js';
import { groupSpaces } from '../../../src/crawl/spaces/spaces-by.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';

const settingsOf = (user: string, host: string): SpaceSettings => ({
  user,
  url: `http://${host}/${user}/`,
  auth: { type: 'none' },
  watchDirectory: null,
});

it('groups the spaces of a roster once, and anew once the roster has changed', () => {
  let settings = [settingsOf('a', 'one'), settingsOf('b', 'two'), settingsOf('c', 'one')];
  let walks = 0;
  const roster = {
    settings: () => settings,
    entries: () => {
      walks++;
      return settings.map((its, id) => ({ space: { id }, settings: its }) as RosterEntry);
    },
  };
  const at = groupSpaces(roster, ({ url }) => new URL(url).host);
  const usersAt = (host: string) => at(host).map(({ settings: { user } }) => user);
  expect([usersAt('one'), usersAt('two'), usersAt('three')]).toEqual([['a', 'c'], ['b'], []]);
  expect(walks).toBe(1);
  settings = [settingsOf('d', 'two')];
  expect([usersAt('one'), usersAt('two')]).toEqual([[], ['d']]);
  expect(walks).toBe(2);
});

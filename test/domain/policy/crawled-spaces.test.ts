import { expect, it } from 'vitest';
import type { Space, SpaceSettings } from '../../../src/domain/model/space.js';
import { crawledSpaces } from '../../../src/domain/policy/crawled-spaces.js';

const space = (id: number, user: string, url: string) => ({ id, user, url }) as Space;
const settings = (user: string, url: string): SpaceSettings => ({
  user,
  url,
  auth: { type: 'none' },
  watchDirectory: null,
});

it('crawls what is registered and configured at the same place, and leaves the rest to others', () => {
  const registered = [space(1, 'same', 'http://a/'), space(2, 'moved', 'http://a/'), space(3, 'unknown', 'http://a/')];
  const its = [settings('same', 'http://a/'), settings('moved', 'http://b/'), settings('unregistered', 'http://a/')];
  const { entries, strangers } = crawledSpaces(registered, new Map(its.map((each) => [each.user, each])));
  expect([...entries]).toEqual([[1, { space: registered[0], settings: its[0] }]]);
  expect(strangers).toEqual([2, 3]);
});

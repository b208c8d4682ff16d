import { expect, test } from 'vitest';
import { sortOut } from '../../../src/sqlite/backup/rotation.js';

const MADE = 'ovadex-20300101T000000000Z.db';
const named = (time: string) => `ovadex-${time}Z.db`;

test.each([
  ['as many as said stay, the new one among them', 2, ['20290101T000000000', '20280101T000000000'], [1], []],
  ['the new one alone', 1, ['20290101T000000000'], [0], []],
  ['fewer than said', 9, ['20290101T000000000', '20280101T000000000'], [], []],
  ['a clock that was put right by minutes', 2, ['20300101T000400000', '20290101T000000000'], [1], []],
  ['an hour ahead', 2, ['20300101T010000000', '20290101T000000000'], [], [0]],
  ['years ahead, however many', 2, ['20990101T000000000', '20980101T000000000', '20290101T000000000'], [], [0, 1]],
  ['no such month', 1, ['20291301T000000000', '20290101T000000000'], [1], [0]],
  ['no such day', 1, ['20290230T000000000'], [], [0]],
  ['no such hour', 1, ['20290101T240000000'], [], [0]],
  ['no such second', 1, ['20290101T000060000'], [], [0]],
])('of older copies those go that are too many: %s', (_case, keep, times, old, uncounted) => {
  const names = times.map(named);
  const pick = (positions: readonly number[]) => positions.map((at) => names[at]);
  expect(sortOut([...names, MADE].reverse(), keep, MADE)).toEqual({ old: pick(old), uncounted: pick(uncounted) });
});

test('the time is that of the name, not of a folder that has one', () => {
  const [made, older] = ['20300101T000000000', '20290101T000000000'].map(
    (time) => `/of-20990101T000000000Z/ovadex.db.replaced-${time}Z`,
  );
  expect(sortOut([older ?? ''], 1, made ?? '')).toEqual({ old: [older], uncounted: [] });
});

import { describe, expect, it } from 'vitest';
import { HOUR_MS, hoursToDrop, lastHours } from '../../../src/domain/diagnosis/history.js';

const DAY = 24;
const TODAY = 20_000 * DAY;
const NOW = TODAY * HOUR_MS + 1;
const STOCK = { spaces: 1, images: 2, bytes: 3 };
const counted = (ago: number) => ({ hour: TODAY - ago, stock: STOCK });
const uncounted = (ago: number) => ({ hour: TODAY - ago, stock: null });

describe('the hours to drop', () => {
  it.each([
    ['of 60 days are none', [counted(60 * DAY - 1), uncounted(1), counted(0)], []],
    [
      'before are all but the last count of a day',
      [counted(70 * DAY), counted(70 * DAY - 5), counted(70 * DAY - 23)],
      [70 * DAY, 70 * DAY - 5],
    ],
    ['before are those in which nobody has counted', [counted(70 * DAY), uncounted(70 * DAY - 1)], [70 * DAY - 1]],
    [
      'of a day that is half over 60 days leave the younger half',
      [counted(60 * DAY), counted(60 * DAY - 1)],
      [60 * DAY],
    ],
    ['are all after two years', [counted(731 * DAY), counted(730 * DAY)], [731 * DAY]],
  ])('%s', (_, hours, expected) => {
    expect(hoursToDrop(hours, NOW).map((hour) => TODAY - hour)).toEqual(expected);
  });
});

it('the last hours are told without gaps, up to this one', () => {
  const syncs = { syncs: 4, failed: 1, added: 2, removed: 0 };
  const hours = lastHours([{ hour: TODAY - 1, ...syncs, stock: null }], 3, NOW);
  expect(hours.map((each) => [each.hour - TODAY, each.syncs])).toEqual([
    [-2, 0],
    [-1, 4],
    [0, 0],
  ]);
});

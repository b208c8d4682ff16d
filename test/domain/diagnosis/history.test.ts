import { describe, expect, it } from 'vitest';
import { HOUR_MS, hoursToDrop, lastHours, thinned } from '../../../src/domain/diagnosis/history.js';

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

describe('hours for a picture', () => {
  const hours = (...all: readonly number[]) => all.map((hour) => ({ hour }));
  const daily = Array.from({ length: 671 }, (_, at) => at * DAY);
  const hourly = Array.from({ length: 60 * DAY }, (_, at) => 671 * DAY + at);

  it.each([
    ['are all of a few', hours(1, 2, 9), 3, [1, 2, 9]],
    ['are none of none', [], 2, []],
    ['are the first and the last, if there is room for no more', hours(1, 5, 8, 9), 2, [1, 9]],
    ['are evenly in time, not in number', hours(0, 1, 2, 3, 50, 100), 3, [0, 50, 100]],
    ['are not made up where there are none', hours(0, 1, 2, 3, 4, 100), 5, [0, 100]],
  ])('%s', (_, given, atMost, expected) => {
    expect(thinned(given, atMost).map(({ hour }) => hour)).toEqual(expected);
  });

  it('are at most so many of two years, none of which is far from the next', () => {
    const kept = thinned(hours(...daily, ...hourly), 400).map(({ hour }) => hour);
    expect(kept.length).toBeLessThanOrEqual(400);
    expect(kept.length).toBeGreaterThan(300);
    expect([kept[0], kept.at(-1)]).toEqual([0, 671 * DAY + 60 * DAY - 1]);
    const gaps = kept.slice(1).map((hour, at) => hour - (kept[at] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(3 * DAY);
    expect(new Set(kept).size).toBe(kept.length);
  });
});

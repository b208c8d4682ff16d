import { describe, expect, it } from 'vitest';
import {
  type ChangeRate,
  expectedAge,
  rateAfterLook,
  UNKNOWN_RATE,
} from '../../../src/domain/freshness/change-rate.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const perHour = ({ changes, spanMs }: ChangeRate) => (changes / spanMs) * HOUR;

/** What is known after looks at one interval that found a change (`x`) or none (`.`). */
const knownAfter = (looks: string, everyMs: number, before = UNKNOWN_RATE) =>
  [...looks].reduce((rate, look) => rateAfterLook(rate, look === 'x', everyMs), before);

describe('rateAfterLook', () => {
  it('has the mean and the variance of the exact posterior', () => {
    const prior = { changes: 2, spanMs: HOUR };
    const elapsed = 20 * MINUTE;
    // By numerical integration of prior times likelihood, in changes an hour; nothing fades measurably in between.
    const moments = [0, 0, 0];
    for (let rate = 0.0005; rate < 40; rate += 0.001) {
      const density = rate * Math.exp(-rate) * (1 - Math.exp(-rate / 3));
      for (const k of [0, 1, 2]) moments[k] = (moments[k] ?? 0) + rate ** k * density;
    }
    const [all = 0, first = 0, second = 0] = moments;
    const mean = first / all;
    const variance = second / all - mean ** 2;
    const { changes, spanMs } = rateAfterLook(prior, true, elapsed);
    expect(perHour({ changes, spanMs }) / mean).toBeCloseTo(1, 1);
    expect(changes / (spanMs / HOUR) ** 2 / variance).toBeCloseTo(1, 1);
  });

  it.each([
    ['rises with each change', '.', 'x'],
    ['falls with each look that finds none', 'x', 'x.'],
    ['knows a busy space from a quiet one', '...x...x', 'xx.xxx.x'],
  ])('%s', (_, less, more) => {
    const [low, high] = [knownAfter(less, 10 * MINUTE), knownAfter(more, 10 * MINUTE)].map(perHour);
    if (more.startsWith(less)) expect(high).toBeLessThan(low ?? 0);
    else expect(high).toBeGreaterThan(low ?? 0);
  });

  it('finds rates of different decades with a few dozen looks', () => {
    const often = perHour(knownAfter('x'.repeat(40), MINUTE));
    const rarely = perHour(knownAfter('.'.repeat(40), HOUR));
    expect(often).toBeGreaterThan(60);
    expect(rarely).toBeLessThan(0.02);
  });

  it.each([
    ['that has become quiet', 'x'.repeat(300), '.'.repeat(144), (rate: number) => rate < 0.15],
    ['that has become busy', '.'.repeat(1_000), 'x'.repeat(36), (rate: number) => rate > 2],
  ])('notices within a day another pace of a space %s', (_, once, since, isNoticed) => {
    const before = knownAfter(once, 10 * MINUTE);
    expect(isNoticed(perHour(before))).toBe(false);
    expect(isNoticed(perHour(knownAfter(since, 10 * MINUTE, before)))).toBe(true);
  });

  it.each([
    ['a clock that was set back', -HOUR],
    ['two looks at once', 0],
    ['a year without a look', 365 * 24 * HOUR],
  ])('stays in its bounds after %s', (_, elapsed) => {
    for (const hasChanged of [true, false]) {
      let rate = UNKNOWN_RATE;
      for (let look = 0; look < 2_000; look++) rate = rateAfterLook(rate, hasChanged, elapsed);
      expect(rate.changes).toBeGreaterThan(0);
      expect(rate.spanMs).toBeGreaterThan(0);
      expect(Number.isFinite(rate.changes / rate.spanMs)).toBe(true);
    }
  });
});

describe('expectedAge', () => {
  it.each([
    ['none right after a look', UNKNOWN_RATE, 0, 0],
    ['none if the clock was set back', UNKNOWN_RATE, -HOUR, 0],
    ['nearly all the time since a look at a space that changes all the time', { changes: 1, spanMs: 1 }, HOUR, HOUR],
    ['half of what is expected to change, of a quiet one', { changes: 1, spanMs: 1e6 * HOUR }, HOUR, HOUR / 2e6],
    ['by its exponential law in between', { changes: 1, spanMs: HOUR }, HOUR, HOUR * Math.exp(-1)],
  ])('is %s', (_, rate, elapsed, expected) => {
    expect(expectedAge(rate, elapsed)).toBeCloseTo(expected, -1);
  });

  it('has no step where it changes its formula', () => {
    const rate = { changes: 1, spanMs: 1_000 * HOUR };
    expect(expectedAge(rate, HOUR * 0.9999) / expectedAge(rate, HOUR * 1.0001)).toBeCloseTo(0.9998 ** 2, 3);
  });
});

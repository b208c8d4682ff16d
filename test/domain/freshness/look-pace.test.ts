import { describe, expect, it } from 'vitest';
import { affordableAt, charged } from '../../../src/domain/freshness/look-pace.js';

const NOW = 1_000_000;
/** Two requests a second. */
const BUDGET = 2 / 1_000;
const HOUR = 3_600_000;

describe('charged and affordableAt', () => {
  it('let looks be when they are wanted as long as the budget is not overdrawn', () => {
    const spent = charged(0, 4, BUDGET, NOW);
    expect(spent).toBe(NOW + 2_000);
    expect(affordableAt(NOW + 500, spent, NOW)).toBe(NOW + 500);
  });

  it('puts off what is wanted at once by a thousand spaces, to the pace of the budget', () => {
    let spent = 0;
    const times = Array.from({ length: 1_000 }, () => {
      spent = charged(spent, 1, BUDGET, NOW);
      return affordableAt(NOW, spent, NOW);
    });
    expect(times.slice(0, 20)).toEqual(new Array(20).fill(NOW));
    expect(times.at(-1)).toBe(NOW + 490_000);
  });

  it('wants what is overdue now, not in the past', () => {
    expect(affordableAt(NOW - HOUR, 0, NOW)).toBe(NOW);
  });

  it('forgets what was spent before the clock was set back', () => {
    expect(charged(NOW + 24 * HOUR, 2, BUDGET, NOW)).toBe(NOW + HOUR + 1_000);
    expect(affordableAt(NOW, NOW + 24 * HOUR, NOW)).toBe(NOW + HOUR);
  });
});

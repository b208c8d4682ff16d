import { describe, expect, it } from 'vitest';
import { costOfOne } from './cost.js';

const took = (cpuMs: number, wallMs: number, peakBytes = 1) => ({ cpuMs, wallMs, peakBytes });

describe('the cost of one look', () => {
  it('is that of a series, beyond what rest takes in the same time', () => {
    expect(costOfOne([took(120, 3_000)], [took(20, 2_000)], 10).cpuMs).toBeCloseTo(9);
  });

  it.each([
    [
      'a series in which garbage was collected',
      [took(90, 1_000), took(190, 1_000), took(90, 1_000)],
      [took(0.1, 1_000)],
    ],
    ['a rest in which garbage was collected', [took(90, 1_000)], [took(0.1, 1_000), took(80, 1_000), took(0.1, 1_000)]],
  ])('does not follow %s', (_what, series, rests) => {
    expect(costOfOne(series, rests, 10).cpuMs).toBeCloseTo(9, 1);
  });

  it('is never nothing, whose growth could not be told', () => {
    expect(costOfOne([took(1, 1_000)], [took(20, 1_000)], 10).cpuMs).toBeGreaterThan(0);
  });

  it('needs as much memory as any series', () => {
    expect(costOfOne([took(1, 1, 5), took(1, 1, 7), took(1, 1, 6)], [took(1, 1)], 1).peakBytes).toBe(7);
  });
});

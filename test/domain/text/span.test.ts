import { expect, it } from 'vitest';
import { spanOf } from '../../../src/domain/text/span.js';

it.each([
  [-5_000, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [529_200_000, '6 d 3 h'],
  [86_400_000 * 400, '400 d'],
])('%i ms are %s', (ms, text) => {
  expect(spanOf(ms)).toBe(text);
});

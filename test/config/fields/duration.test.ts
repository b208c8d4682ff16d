import { expect, test } from 'vitest';
import { parseDuration } from '../../../src/config/fields/duration.js';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['90d', 7_776_000_000],
  ['0s', 0],
])('reads %s as %i ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '10', 's', '-1s', '10 s', '1e3s', '1w', '10S', '1m30s', '9999999999d'])('refuses "%s"', (text) => {
  expect(parseDuration(text)).toBeNull();
});

import { expect, test } from 'vitest';
import { pauseAfterReadings, troubleOfReading } from '../../../src/domain/policy/reading-retry.js';

test.each([
  ['unauthorized', 'space'],
  ['unreachable', 'storage'],
  ['timeout', 'storage'],
  ['busy', 'storage'],
  ['maintenance', 'storage'],
  ['forbidden', 'image'],
  ['not-found', 'image'],
  ['status', 'image'],
  ['malformed', 'image'],
] as const)('a reading that failed as %s says something of the %s', (failure, trouble) => {
  expect(troubleOfReading(failure)).toBe(trouble);
});

test.each([
  ['storage', [1, 2, 4, 8, 16, 30, 30]],
  ['image', [10, 20, 40, 80]],
  ['space', [60, 120, 240]],
] as const)('a %s is left alone for longer each time', (trouble, minutes) => {
  expect(minutes.map((_, at) => pauseAfterReadings(trouble, at + 1) / 60_000)).toEqual(minutes);
  expect(pauseAfterReadings(trouble, 1_000)).toBeLessThanOrEqual(86_400_000);
});

import { describe, expect, test } from 'vitest';
import { nextRetry, retryAfterBy, type Trouble } from '../../../src/webdav/failure/retry.js';

const NOW = Date.UTC(2026, 10, 23, 20, 45, 55);
const atMost = { now: NOW, random: () => 1 };
const atLeast = { now: NOW, random: () => 0 };
const status = (code: number, retryAfter: string | null = null): Trouble => ({
  kind: 'status',
  status: code,
  retryAfter,
});

/** How often a request that always fails so is sent. */
function attempts(trouble: Trouble): number {
  let sent = 1;
  while (nextRetry(trouble, sent, atMost) !== null) sent++;
  return sent;
}

test.for([
  [423, 4],
  [425, 4],
  [408, 3],
  [500, 3],
  [502, 5],
  [504, 5],
  [520, 3],
  [200, 1],
  [301, 1],
  [401, 1],
  [403, 1],
  [404, 1],
  [405, 1],
  [410, 1],
  [501, 1],
  [507, 1],
  [508, 1],
] as const)('%i is sent %i times in all', ([code, times]) => {
  expect(attempts(status(code))).toBe(times);
});

test.for([
  ['connection', 4],
  ['timeout', 2],
  ['cut', 2],
  ['permanent', 1],
] as const)('trouble of kind %s is sent %i times in all', ([kind, times]) => {
  expect(attempts({ kind })).toBe(times);
});

describe('waits', () => {
  test('double, half of it by chance', () => {
    const waits = (chance: { now: number; random: () => number }) =>
      [1, 2, 3, 4].map((attempt) => nextRetry(status(502), attempt, chance));
    expect(waits(atMost)).toEqual([250, 500, 1_000, 2_000]);
    expect(waits(atLeast)).toEqual([125, 250, 500, 1_000]);
  });

  test.for([
    ['seconds', '7', 7_000],
    ['a date', 'Mon, 23 Nov 2026 20:46:05 GMT', 10_000],
    ['a date that has passed', 'Mon, 23 Nov 2026 20:00:00 GMT', 250],
    ['more than is bearable', '86400', 300_000],
    ['zero', '0', 250],
    ['nothing that can be read', 'soon', 250],
  ] as const)('follow a Retry-After of %s', ([, retryAfter, waitMs]) => {
    expect(nextRetry(status(502, retryAfter), 1, atMost)).toBe(waitMs);
  });
});

test.for<[string | null, string | null, string | null]>([
  ['Mon, 23 Nov 2026 20:46:05 GMT', 'Mon, 23 Nov 2026 20:45:55 GMT', '10'],
  ['Mon, 23 Nov 2026 20:45:55 GMT', 'Mon, 23 Nov 2026 20:46:05 GMT', '0'],
  ['Mon, 23 Nov 2026 20:46:05 GMT', null, 'Mon, 23 Nov 2026 20:46:05 GMT'],
  ['Mon, 23 Nov 2026 20:46:05 GMT', 'soon', 'Mon, 23 Nov 2026 20:46:05 GMT'],
  ['7', 'Mon, 23 Nov 2026 20:45:55 GMT', '7'],
  ['soon', 'Mon, 23 Nov 2026 20:45:55 GMT', 'soon'],
  [null, 'Mon, 23 Nov 2026 20:45:55 GMT', null],
])('a Retry-After of %j in an answer of %j is one of %j', ([retryAfter, date, expected]) => {
  expect(retryAfterBy(retryAfter, date)).toBe(expected);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  mustWait,
  retryAfterLogIn,
  retryAfterRestart,
  retryAt,
  withRefusal,
} from '../../../src/domain/hosts/suspension.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

test.for([
  [1, 60],
  [2, 24 * 60],
  [3, 24 * 60],
  [100, 24 * 60],
] as const)('after %i refusals in a row a space is tried again in %i minutes', ([refusals, minutes]) => {
  expect(retryAt(refusals, NOW)).toBe(NOW + minutes * MINUTE);
});

test.for([
  ['nothing', [], 0, false],
  ['two refusals', [1, 2], 0, false],
  ['three', [1, 2, 9.9], 0, true],
  ['three, one of them ten minutes ago', [1, 2, 10], 0, false],
  ['three that a clock set back puts into the future', [-1, -2, -3], 0, false],
  ['five trials', [], 5, false],
  ['six trials', [], 6, true],
  ['a refusal and a trial', [1], 1, false],
  ['a refusal and two trials', [1], 2, true],
  ['two refusals and a trial', [1, 2], 1, true],
  ['six in half an hour, one of them lately', [11, 12, 13, 21, 22, 9], 0, true],
  ['six in half an hour, none of them lately', [11, 12, 13, 21, 22, 23], 0, true],
  ['five in half an hour, none of them lately', [11, 12, 13, 21, 22], 0, false],
  ['five in half an hour and a trial', [11, 12, 13, 21, 22], 1, true],
  ['six, one of them half an hour ago', [11, 12, 13, 21, 22, 30], 0, false],
] as const)(
  'credentials that were never good at an origin wait after %s there: %j',
  ([, minutesAgo, trials, waits]) => {
    const refusedAt = minutesAgo.map((minutes) => NOW - minutes * MINUTE);
    expect(mustWait({ refusedAt, trials }, NOW)).toBe(waits);
  },
);

test('of the refusals of an origin so few are kept that comparing them takes no time, and they tell what all would', () => {
  const refusal = fc.record({
    space: fc.integer({ min: 0, max: 30 }),
    passed: fc.integer({ min: -20 * MINUTE, max: 5 * MINUTE }),
  });
  fc.assert(
    fc.property(fc.array(refusal, { maxLength: 60 }), fc.integer({ min: 0, max: 6 }), (refusals, trials) => {
      let now = NOW;
      let kept: ReadonlyMap<string, number> = new Map();
      const all = new Map<string, number>();
      for (const { space, passed } of refusals) {
        // What an index tells at a start was refused earlier.
        now = passed < 0 ? now : now + passed;
        const at = passed < 0 ? now + passed : now;
        kept = withRefusal(kept, { url: `${space}`, at: Math.max(at, all.get(`${space}`) ?? 0) }, now);
        all.set(`${space}`, Math.max(at, all.get(`${space}`) ?? 0));
        expect(kept.size).toBeLessThanOrEqual(6);
        const judge = (refusedAt: Iterable<number>) => mustWait({ refusedAt: [...refusedAt], trials }, now);
        expect(judge(kept.values())).toBe(judge(all.values()));
      }
    }),
  );
});

test('refusals before a clock was set back make room for those after it', () => {
  let kept: ReadonlyMap<string, number> = new Map();
  for (let n = 0; n < 6; n++)
    kept = withRefusal(kept, { url: `before ${n}`, at: NOW + 60 * MINUTE }, NOW + 60 * MINUTE);
  for (let n = 0; n < 3; n++) kept = withRefusal(kept, { url: `after ${n}`, at: NOW }, NOW);
  expect(mustWait({ refusedAt: [...kept.values()], trials: 0 }, NOW)).toBe(true);
});

test.for([
  ['an hour ago', 60, 24 * 60, 0],
  ['a minute ago', 1, 60, 9],
  ['a minute ago, with a try just ahead', 1, 2, 2],
  ['in a future that a clock set back has left', -600, null, 10],
  ['without a plan', 60, null, 0],
] as const)('a restart tries a space that was refused %s', ([, minutesAgo, plannedIn, minutes]) => {
  const planned = plannedIn === null ? null : NOW + plannedIn * MINUTE;
  expect(retryAfterRestart(NOW - minutesAgo * MINUTE, planned, NOW)).toBe(NOW + minutes * MINUTE);
});

test.for([
  ['once, a minute ago', 1, 1, 59, 0],
  ['once, with a try that is overdue', 1, 61, -1, -1],
  ['twice, an hour ago', 2, 60, 24 * 60, 0],
  ['twice, a minute ago', 2, 1, 24 * 60, 9],
  ['twice, a minute ago, with a try just ahead', 2, 1, 2, 2],
  ['often, in a future that a clock set back has left', 9, -600, 24 * 60, 10],
  ['once, with a try on its way', 1, 1, null, null],
  ['twice, with a try on its way', 2, 60, null, null],
] as const)('a log-in tries a space that was refused %s', ([, refusals, minutesAgo, plannedIn, minutes]) => {
  const at = (inMinutes: number | null) => (inMinutes === null ? null : NOW + inMinutes * MINUTE);
  expect(retryAfterLogIn(refusals, NOW - minutesAgo * MINUTE, at(plannedIn), NOW)).toBe(at(minutes));
});

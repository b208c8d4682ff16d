import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTurn, type Pace } from '../../../src/domain/hosts/pace.js';

const PACE: Pace = { burst: 3, intervalMs: 1_000, maxWaitMs: 2_000 };

/** The waits of tries at these times, null for those that are refused. */
function waitsAt(times: readonly number[], pace = PACE): readonly (number | null)[] {
  let doneAt: number | undefined;
  return times.map((now) => {
    const turn = nextTurn(doneAt, now, pace);
    if (turn.waitMs !== null) doneAt = turn.doneAt;
    return turn.waitMs;
  });
}

describe('a pace', () => {
  it.each([
    ['lets the first ones go at once', [0, 0, 0], [0, 0, 0]],
    ['makes those behind them wait for their turns', [0, 0, 0, 0, 0], [0, 0, 0, 1_000, 2_000]],
    [
      'refuses whoever would wait for too long, and those that wait keep their turns',
      [0, 0, 0, 0, 0, 0, 0, 1_000],
      [0, 0, 0, 1_000, 2_000, null, null, 2_000],
    ],
    ['gives back one an interval', [0, 0, 0, 1_000, 1_000], [0, 0, 0, 0, 1_000]],
    ['is new again after a rest', [0, 0, 0, 9_000, 9_000, 9_000, 9_000], [0, 0, 0, 0, 0, 0, 1_000]],
    ['keeps nobody out when the clock is put back', [1e12, 1e12, 1e12, 0, 0], [0, 0, 0, 0, 0]],
  ])('%s', (_, times, waits) => {
    expect(waitsAt(times)).toEqual(waits);
  });

  it('says when to come again', () => {
    expect(nextTurn(5_000, 0, PACE)).toEqual({ waitMs: null, retryAt: 1_000 });
  });

  it('never lets more through in any time than its burst and one an interval', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 200 }), (gaps) => {
        let now = 0;
        const times = gaps.map((gap) => (now += gap));
        const waits = waitsAt(times);
        const begun = times.flatMap((time, at) => (waits[at] === null ? [] : [time + (waits[at] ?? 0)]));
        for (const [at, from] of begun.entries()) {
          const to = begun[at + PACE.burst];
          if (to !== undefined) expect(to - from).toBeGreaterThanOrEqual(0);
        }
        const span = (times.at(-1) ?? 0) + PACE.maxWaitMs;
        expect(begun.length).toBeLessThanOrEqual(PACE.burst + span / PACE.intervalMs + 1);
      }),
    );
  });
});

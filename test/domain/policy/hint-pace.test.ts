import { describe, expect, it } from 'vitest';
import { type HintPace, hintWaitMs, paceAfter } from '../../../src/domain/policy/hint-pace.js';

describe('the pace of hints', () => {
  it.each<[string, HintPace | null, number, number]>([
    ['the first waits for others of its moment', null, 0, 300],
    ['one right after those that were followed waits a second from then', { followedAt: 0, gapMs: 1_000 }, 100, 900],
    ['one at the end of the gap waits for others of its moment', { followedAt: 0, gapMs: 1_000 }, 900, 300],
    ['one after a quiet time is a first', { followedAt: 0, gapMs: 30_000 }, 60_001, 300],
    ['one under a clock that was set back is a first', { followedAt: 1_000, gapMs: 30_000 }, 999, 300],
  ])('%s', (_, pace, now, waitMs) => {
    expect(hintWaitMs(pace, now)).toBe(waitMs);
  });

  it('slows down to twice a minute while they keep coming, and recovers', () => {
    let pace: HintPace | null = null;
    let now = 0;
    const gaps = [];
    for (let n = 0; n < 8; n++) {
      pace = paceAfter(pace, now);
      gaps.push(pace.gapMs);
      now += pace.gapMs;
    }
    expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(paceAfter(pace, now + 30_001)).toMatchObject({ gapMs: 1_000 });
  });
});

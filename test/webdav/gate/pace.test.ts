import { describe, expect, test } from 'vitest';
import { faster, type Measured, type Pace, slower, UNPACED } from '../../../src/webdav/gate/pace.js';

const near = (everyMs: number): Pace => ({ ...UNPACED, everyMs, limitMs: everyMs });
const burst = (everyMs: number): Measured => ({ answers: 3, everyMs });
const long = (everyMs: number): Measured => ({ answers: 16, everyMs });

describe('after a refusal the gap is', () => {
  test.for<[string, Pace, Measured | null, number]>([
    ['in the middle between nothing and what went well', UNPACED, burst(100), 12],
    ['nothing to speak of where the host answers as fast as ever', UNPACED, long(0), 1.2],
    ['none where nothing was measured', UNPACED, null, 0],
    ['a fifth longer where nothing was measured', near(25), null, 30],
    ['a fifth longer where the host has kept up', near(25), long(25), 30],
    ['in the middle between what was refused and what went well', near(25), long(100), 60],
    ['not shorter', near(100), burst(10), 100],
    ['but for what the host has kept up with before', { ...near(100), provenMs: 50 }, long(100), 60.3],
    ['twelve seconds at most', near(10_000), burst(60_000), 12_000],
  ])('%s', ([, pace, measured, everyMs]) => {
    expect(slower(pace, measured).everyMs).toBeCloseTo(everyMs);
  });

  test('not much longer in the end where a host refuses one in twenty at any pace', () => {
    let pace: Pace = UNPACED;
    for (let refusals = 0; refusals < 200; refusals++) {
      pace = slower(pace, long(Math.max(pace.everyMs, 1)));
      for (let answers = 0; answers < 19; answers++) pace = faster(pace);
    }
    expect(pace.everyMs).toBeLessThan(5);
  });
});

describe('after a good answer the gap is', () => {
  test.for<[string, number, number, number]>([
    ['none where there was none', 0, 0, 0],
    ['a little shorter near the limit', 30, 25, 29.94],
    ['much shorter far above it', 60, 25, 58.2],
    ['much shorter where the limit seems to be gone', 20, 25, 19.4],
    ['none where no timer would keep it', 0.99, 25, 0],
  ])('%s', ([, everyMs, limitMs, after]) => {
    expect(faster({ ...UNPACED, everyMs, limitMs }).everyMs).toBeCloseTo(after);
  });
});

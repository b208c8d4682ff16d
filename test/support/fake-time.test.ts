import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { passFakeTime } from './fake-time.js';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe.each([
  ['passFakeTime', passFakeTime],
  ['advanceTimersByTimeAsync', async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms))],
])('time that passes by %s', (_, pass) => {
  it('fires each timer that is due by its end, at its time, and no other', async () => {
    const fired: string[] = [];
    const note = (what: string) => () => fired.push(`${what} at ${Date.now()}`);
    setTimeout(note('b'), 20);
    setTimeout(note('a'), 10);
    setTimeout(note('end'), 100);
    setTimeout(note('later'), 101);
    const every = setInterval(note('every'), 40);
    await pass(100);
    expect(fired).toEqual(['a at 10', 'b at 20', 'every at 40', 'every at 80', 'end at 100']);
    expect(Date.now()).toBe(100);
    clearInterval(every);
    await pass(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('lets what a timer has begun go on to its end before the next one fires', async () => {
    const steps: string[] = [];
    setTimeout(async () => {
      for (let step = 0; step < 20; step++) await Promise.resolve();
      steps.push('settled');
    }, 10);
    setTimeout(() => steps.push('next'), 11);
    await pass(20);
    expect(steps).toEqual(['settled', 'next']);
  });

  it('lets what was begun before settle first, so that the timers it sets fire in time', async () => {
    const at: number[] = [];
    void Promise.resolve().then(() => setTimeout(() => at.push(Date.now()), 10));
    await pass(10);
    expect(at).toEqual([10]);
  });

  it('fires timers that others set, also for the very end', async () => {
    const at: number[] = [];
    setTimeout(async () => {
      await Promise.resolve();
      setTimeout(() => {
        at.push(Date.now());
        setTimeout(() => at.push(Date.now()), 50);
        setTimeout(() => at.push(-1), 51);
      }, 30);
    }, 20);
    await pass(100);
    expect(at).toEqual([50, 100]);
  });

  it('goes on when the clock is set back or forward meanwhile', async () => {
    const fired = vi.fn();
    const every = setInterval(fired, 10);
    setTimeout(() => vi.setSystemTime(-50), 25);
    await pass(100);
    vi.setSystemTime(5_000);
    await pass(50);
    clearInterval(every);
    expect(fired).toHaveBeenCalledTimes(15);
  });
});

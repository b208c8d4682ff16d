import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTimerCount, passFakeTime, setFakeClock, useFakeTime, useRealTime } from './fake-time.js';

const fakes = [
  {
    name: 'passFakeTime',
    use: () => useFakeTime(0),
    pass: passFakeTime,
    setClock: setFakeClock,
    end: useRealTime,
    count: fakeTimerCount,
  },
  {
    name: 'advanceTimersByTimeAsync',
    use: () => void vi.useFakeTimers({ now: 0 }),
    pass: async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms)),
    setClock: (now: number) => void vi.setSystemTime(now),
    end: () => void vi.useRealTimers(),
    count: () => vi.getTimerCount(),
  },
];

describe.each(fakes)('time that passes by $name', ({ use, pass, setClock, end, count }) => {
  beforeEach(use);
  afterEach(end);

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
    expect(count()).toBe(1);
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
    setTimeout(() => setClock(-50), 25);
    await pass(100);
    setClock(5_000);
    await pass(50);
    clearInterval(every);
    expect(fired).toHaveBeenCalledTimes(15);
  });

  it('fires those of one moment in the order in which they were set, but none that another of them has cleared', async () => {
    const fired: string[] = [];
    setTimeout(() => {
      fired.push('first');
      clearTimeout(cleared);
    }, 10);
    const cleared = setTimeout(() => fired.push('cleared'), 10);
    setTimeout((what: string) => fired.push(what), 10, 'third');
    setTimeout(() => fired.push('before them'), 9);
    await pass(10);
    expect(fired).toEqual(['before them', 'first', 'third']);
    expect(count()).toBe(0);
  });

  it('passes for what measures durations, too, and ends with the test', async () => {
    const before = performance.now();
    await pass(1_500);
    expect(performance.now() - before).toBe(1_500);
    setClock(0);
    expect(performance.now() - before).toBe(1_500);
    expect(new Date().toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date(2_000).toISOString()).toBe('1970-01-01T00:00:02.000Z');
    expect(new Date(2026, 0, 1)).toBeInstanceOf(Date);
    end();
    expect(Date.now()).toBeGreaterThan(1_500);
    const fired = vi.fn();
    setTimeout(fired, 1);
    await vi.waitFor(() => expect(fired).toHaveBeenCalled());
  });
});

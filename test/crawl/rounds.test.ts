import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRounds } from '../../src/crawl/rounds.js';

const START = new Date('2026-03-02T10:03:00.500Z').getTime();
const DAY_MS = 86_400_000;
const clock = () => Date.now();

describe('rounds of every second', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  async function startCounting(run: () => Promise<void> = async () => undefined) {
    const counted = vi.fn(run);
    const rounds = startRounds('* * * * * *', counted, clock);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(counted).toHaveBeenCalledTimes(3);
    counted.mockClear();
    return { counted, rounds };
  }

  it.each([
    ['forth by a minute', 60_000],
    ['forth by 40 days', 40 * DAY_MS],
    ['back by a minute', -60_000],
    ['back by 40 days', -40 * DAY_MS],
  ])('go on when the clock is set %s, and make up for none', async (_, jump) => {
    const { counted, rounds } = await startCounting();
    vi.setSystemTime(Date.now() + jump);
    await vi.advanceTimersByTimeAsync(5_000);
    // When it is set back, the first look finds the next time.
    expect(counted).toHaveBeenCalledTimes(jump > 0 ? 5 : 4);
    await rounds.stop();
  });

  it('wait for the last one, and then go on', async () => {
    let end: () => void = () => undefined;
    const rounds = startRounds('* * * * * *', () => new Promise((resolve) => (end = resolve)), clock);
    const started = vi.fn();
    const others = startRounds('* * * * * *', async () => started(), clock);
    await vi.advanceTimersByTimeAsync(3_000);
    const first = end;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(end).toBe(first);
    expect(started).toHaveBeenCalledTimes(6);
    end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(end).not.toBe(first);
    await Promise.all([rounds.stop(), others.stop()]);
  });

  it('are none after they were stopped', async () => {
    const { counted, rounds } = await startCounting();
    await rounds.stop();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(counted).not.toHaveBeenCalled();
  });
});

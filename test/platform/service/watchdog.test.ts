import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startWatchdog, watchdogInterval } from '../../../src/platform/service/watchdog.js';

describe('the interval of a watchdog', () => {
  test.each([
    [{}, null],
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, null],
    [{ WATCHDOG_USEC: '1000' }, 1],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: 'soon' }, null],
  ])('is half of what the manager waits, if it waits for this process: %o', (environment, expected) => {
    expect(watchdogInterval(environment, 42)).toBe(expected);
  });
});

describe('a watchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function watch(check: () => Promise<void>) {
    const feed = vi.fn(() => Promise.resolve());
    const warn = vi.fn();
    const end = startWatchdog({ intervalMs: 10_000, check, feed, logger: { warn } });
    onTestFinished(end);
    return { feed, warn, end };
  }

  test('is fed at once and at every interval while the check goes well', async () => {
    const { feed, warn } = watch(() => Promise.resolve());
    await vi.advanceTimersByTimeAsync(0);
    expect(feed).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(feed).toHaveBeenCalledTimes(4);
    expect(warn).not.toHaveBeenCalled();
  });

  test('is not fed while the check fails, says so once, and is fed within a second when it goes well again', async () => {
    const check = vi.fn(() => Promise.resolve()).mockRejectedValue(new Error('the index is locked'));
    const { feed, warn } = watch(check);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(feed).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledExactlyOnceWith({ err: new Error('the index is locked') }, expect.any(String));
    check.mockResolvedValue();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(feed).toHaveBeenCalledTimes(1);
  });

  test('is not fed while the check hangs, nor by what comes later than the interval', async () => {
    const settle: (() => void)[] = [];
    const { feed, warn } = watch(() => new Promise((resolve) => settle.push(resolve)));
    await vi.advanceTimersByTimeAsync(10_500);
    settle[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1_000);
    settle[1]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed).toHaveBeenCalledOnce();
  });

  test('is fed no more when it has ended, not even by a check that was under way', async () => {
    let settle = () => {};
    const { feed, end } = watch(
      () =>
        new Promise((resolve) => {
          settle = resolve;
        }),
    );
    end();
    settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(feed).not.toHaveBeenCalled();
  });
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startHourly } from '../../../src/crawl/schedule/hourly.js';
import { quietLogger } from '../../support/quiet-logger.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(() => void vi.useFakeTimers({ now: 1_000 * HOUR }));
afterEach(() => void vi.useRealTimers());

it('counts once in each hour, the first time a minute after the start', async () => {
  const count = vi.fn(async () => {});
  const stop = startHourly({ history: { count }, clock: Date.now, logger: quietLogger });
  expect(count).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(count).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(count).toHaveBeenCalledTimes(2);
  await stop();
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  expect(count).toHaveBeenCalledTimes(2);
});

it('tries again in a minute what has failed, and never counts twice at once', async () => {
  const endings: (() => void)[] = [];
  const count = vi.fn(async () => {});
  count.mockRejectedValueOnce(new Error('locked'));
  count.mockImplementationOnce(() => new Promise<void>((resolve) => void endings.push(resolve)));
  const stop = startHourly({ history: { count }, clock: Date.now, logger: quietLogger });
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(count).toHaveBeenCalledTimes(2);
  for (const end of endings) end();
  await stop();
});

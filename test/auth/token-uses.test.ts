import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTokenUses } from '../../src/auth/token-uses.js';
import type { TokenUse } from '../../src/domain/ports/token-store.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

function createScene(write = vi.fn(async (_uses: readonly TokenUse[]) => {})) {
  const warn = vi.fn();
  return { write, warn, ...createTokenUses({ write, clock: Date.now, logger: { warn } }) };
}

it('writes uses that come together at once, each token once a minute', async () => {
  const { note, write } = createScene();
  for (const id of [7, 8, 7, 7]) note(id);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(write.mock.calls).toEqual([
    [
      [
        { id: 7, at: 1_000 },
        { id: 8, at: 1_000 },
      ],
    ],
  ]);
  for (let second = 0; second < 54; second++) {
    note(7);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(write).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  note(7);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(write).toHaveBeenLastCalledWith([{ id: 7, at: 61_000 }]);
});

it('writes what is noted when it stops, and nothing after it', async () => {
  const { note, write, stop } = createScene();
  note(7);
  await stop();
  note(8);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(write.mock.calls).toEqual([[[{ id: 7, at: 1_000 }]]]);
});

it('stops also where nobody writes', async () => {
  const { note, stop } = createScene(vi.fn(() => new Promise<void>(() => {})));
  note(7);
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(1_000);
  await stopped;
});

it('says so where they can not be written, and goes on', async () => {
  const { note, warn, write } = createScene(vi.fn(() => Promise.reject(new Error('full'))));
  note(7);
  await vi.advanceTimersByTimeAsync(61_000);
  note(7);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(warn).toHaveBeenCalledTimes(2);
  expect(write).toHaveBeenCalledTimes(2);
});

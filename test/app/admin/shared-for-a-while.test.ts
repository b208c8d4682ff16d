import { expect, it, vi } from 'vitest';
import { sharedForAWhile } from '../../../src/app/admin/shared-for-a-while.js';

function createScene(tookMs = 0) {
  const time = { now: 0 };
  const ask = vi.fn(async () => {
    await Promise.resolve();
    time.now += tookMs;
    return ask.mock.calls.length;
  });
  return { time, ask, shared: sharedForAWhile(ask, () => time.now) };
}

it('asks once for all who ask at the same time, and for a second after that', async () => {
  const { time, ask, shared } = createScene();
  expect(await Promise.all([shared(), shared()])).toEqual([1, 1]);
  time.now = 999;
  expect(await shared()).toBe(1);
  time.now = 1_000;
  expect([await shared(), ask.mock.calls.length]).toEqual([2, 2]);
});

it('keeps an answer for longer that took long, so that they take 2 % of the time', async () => {
  const { time, shared } = createScene(200);
  await shared();
  time.now = 200 + 9_999;
  expect(await shared()).toBe(1);
  time.now = 200 + 10_000;
  expect(await shared()).toBe(2);
});

it('keeps no answer for longer than a minute, however long it took', async () => {
  const { time, shared } = createScene(30_000);
  await shared();
  time.now = 30_000 + 59_999;
  expect(await shared()).toBe(1);
  time.now = 30_000 + 60_000;
  expect(await shared()).toBe(2);
});

it('does not keep a failure', async () => {
  const { ask, shared } = createScene();
  ask.mockRejectedValueOnce(new Error('no answer'));
  await expect(shared()).rejects.toThrow('no answer');
  expect(await shared()).toBe(2);
});

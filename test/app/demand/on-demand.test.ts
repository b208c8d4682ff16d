import { expect, it, vi } from 'vitest';
import { onDemand } from '../../../src/app/demand/on-demand.js';

it('makes a thing once, for whoever asks first', async () => {
  const make = vi.fn(async () => ({}));
  const { get, ifMade } = onDemand(make);
  expect([await ifMade(), make.mock.calls.length]).toEqual([null, 0]);
  const [one, other] = await Promise.all([get(), get()]);
  expect(one).toBe(other);
  expect(await ifMade()).toBe(one);
  expect(make).toHaveBeenCalledTimes(1);
});

it('keeps no failure, and has none to end', async () => {
  const failures = [new Error('too many open files'), new Error('still too many')];
  const { get, ifMade } = onDemand(async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return 7;
  });
  await expect(get()).rejects.toThrow('too many open files');
  expect(await ifMade()).toBeNull();
  const trying = get();
  expect(await ifMade(), 'one that fails while a stop waits for it').toBeNull();
  await expect(trying).rejects.toThrow('still too many');
  expect([await get(), await ifMade()]).toEqual([7, 7]);
});

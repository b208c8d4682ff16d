import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followThroughTrouble } from '../../../src/crawl/hints/hint-follower.js';
import { OvadexError, PassingTrouble } from '../../../src/domain/model/errors.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { quietLogger } from '../../support/quiet-logger.js';

const at = (...paths: readonly string[]) => paths as ResourcePath[];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('hints that meet a passing trouble of the database are followed together once that is over', async () => {
  let trouble: Error | null = new PassingTrouble('it is away');
  const followed: (readonly [number, readonly string[]])[] = [];
  const onHint = followThroughTrouble(async (spaceId, changed) => {
    if (trouble !== null) throw trouble;
    followed.push([spaceId, changed]);
  }, quietLogger);
  onHint(1, at('a'));
  onHint(2, at('x'));
  await vi.advanceTimersByTimeAsync(10_500);
  onHint(1, at('b', 'a'));
  await vi.advanceTimersByTimeAsync(100);
  trouble = null;
  expect(followed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(followed).toEqual([
    [1, ['a', 'b']],
    [2, ['x']],
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(followed).toHaveLength(2);
});

it('a hint that fails for another reason is given up', async () => {
  let times = 0;
  const onHint = followThroughTrouble(async () => {
    times += 1;
    throw new OvadexError('not-found', 'there is no such space');
  }, quietLogger);
  onHint(1, at('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times).toBe(1);
});

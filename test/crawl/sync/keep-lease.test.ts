import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepLease } from '../../../src/crawl/sync/keep-lease.js';
import type { Ending } from '../../../src/crawl/sync/run-phase.js';
import { PassingTrouble } from '../../../src/domain/model/errors.js';
import { NO_COUNTS } from '../../../src/domain/model/sync.js';

const LEASE = { syncId: 1, spaceId: 1, owner: 'test' };
const EVERY_MS = 1_000;

/** A lease over an index that answers when it is told to. */
function scene() {
  const flushes: Answer<void>[] = [];
  const renewals: Answer<boolean>[] = [];
  const endings: Ending[] = [];
  const letGo = keepLease({
    claimed: { lease: LEASE },
    log: {
      progress: () => {
        const answer = withResolvers<boolean>();
        renewals.push(answer);
        return answer.promise;
      },
    },
    leaseMs: 30_000,
    flush: () => {
      const answer = withResolvers<void>();
      flushes.push(answer);
      return answer.promise;
    },
    standing: () => ({ counts: NO_COUNTS, waiting: 0 }),
    phase: { end: (ending) => void endings.push(ending) },
  });
  return { letGo, flushes, renewals, endings };
}

interface Answer<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers<T>(): Answer<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  return { promise, resolve, reject };
}

describe('a lease that is kept', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * EVERY_MS);

  it('is renewed every second, after a commit', async () => {
    const { letGo, flushes, renewals, endings } = scene();
    await seconds(1);
    expect([flushes.length, renewals.length]).toEqual([1, 0]);
    flushes[0]?.resolve();
    await seconds(0);
    expect(renewals.length).toBe(1);
    renewals[0]?.resolve(true);
    await seconds(1);
    expect([flushes.length, endings]).toEqual([2, []]);
    flushes[1]?.resolve();
    await seconds(0);
    renewals[1]?.resolve(true);
    await letGo();
    await seconds(5);
    expect(flushes.length).toBe(2);
  });

  it('is not renewed once more while a renewal or the commit before it is under way', async () => {
    const { flushes, renewals } = scene();
    await seconds(3);
    expect(flushes.length).toBe(1);
    flushes[0]?.resolve();
    await seconds(3);
    expect([flushes.length, renewals.length]).toEqual([1, 1]);
    renewals[0]?.resolve(true);
    await seconds(1);
    expect(flushes.length).toBe(2);
  });

  it('is let go only once what was begun has ended, as the next run may have the same lease', async () => {
    const { letGo, flushes, renewals } = scene();
    await seconds(1);
    let isOver = false;
    const over = letGo().then(() => {
      isOver = true;
    });
    await seconds(1);
    expect(isOver).toBe(false);
    flushes[0]?.resolve();
    await seconds(1);
    expect(isOver).toBe(false);
    renewals[0]?.resolve(true);
    await over;
  });

  it('ends the run when it is lost or the index fails, and is let go all the same', async () => {
    const lost = scene();
    await seconds(1);
    lost.flushes[0]?.resolve();
    await seconds(0);
    lost.renewals[0]?.resolve(false);
    await lost.letGo();
    expect(lost.endings).toEqual([{ kind: 'lost' }]);

    const failed = scene();
    await seconds(1);
    const error = new PassingTrouble('the connection was lost');
    failed.flushes[0]?.reject(error);
    await failed.letGo();
    expect(failed.endings).toEqual([{ kind: 'failed', error }]);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { createReloads } from '../../../src/app/settings/reloads.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { passFakeTime, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { quietLogger } from '../../support/quiet-logger.js';

const LOCKED = new OvadexError('index', 'database is locked');
const TIMES = { patienceMs: 5_000, pauseMs: 1, retryEveryMs: 20 };

/** What `reload` does at each call; it succeeds at the ones beyond. */
function scene(...failures: readonly Error[]) {
  const left = [...failures];
  const seen: number[] = [];
  const reload = async (settings: number) => {
    seen.push(settings);
    const error = left.shift();
    if (error !== undefined) throw error;
  };
  return { seen, reloads: createReloads(reload, { logger: quietLogger, times: TIMES }) };
}

afterEach(useRealTime);

describe('a changed configuration', () => {
  it('takes effect at once where nothing is in the way', async () => {
    const { seen, reloads } = scene();
    await reloads.apply(1);
    expect([seen, reloads.trouble()]).toEqual([[1], null]);
  });

  it('waits for an index that is locked for a moment without a word', async () => {
    const { seen, reloads } = scene(LOCKED, LOCKED);
    await reloads.apply(1);
    expect([seen, reloads.trouble()]).toEqual([[1, 1, 1], null]);
  });

  it('is tried again after any other error, and is in trouble until it is in effect', async () => {
    const { seen, reloads } = scene(new TypeError('a mistake'));
    await reloads.apply(1);
    expect(reloads.trouble()).toMatch(/not in effect yet/);
    await vi.waitUntil(() => reloads.trouble() === null);
    expect(seen).toEqual([1, 1]);
  });

  it('gives way to a newer one while it waits', async () => {
    useFakeTime(0);
    const { seen, reloads } = scene(new TypeError('a mistake'));
    await reloads.apply(1);
    await reloads.apply(2);
    expect([seen, reloads.trouble()]).toEqual([[1, 2], null]);
    await passFakeTime(2 * TIMES.retryEveryMs);
    expect(seen).toEqual([1, 2]);
  });

  it('is tried no more once the daemon stops', async () => {
    useFakeTime(0);
    const { seen, reloads } = scene(new TypeError('a mistake'));
    await reloads.apply(1);
    reloads.end();
    await passFakeTime(2 * TIMES.retryEveryMs);
    expect(seen).toEqual([1]);
  });
});

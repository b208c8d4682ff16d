import { expect, it, vi } from 'vitest';
import { settleSync } from '../../src/crawl/sync-run.js';
import { OvadexError, PassingTrouble } from '../../src/domain/model/errors.js';
import { NO_STANDING, type SyncOutcome } from '../../src/domain/model/sync.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { PROCESSED } from '../support/processed.js';
import { quietLogger } from '../support/quiet-logger.js';

const TROUBLE = new PassingTrouble('the database could not be used: terminating connection (57P01)');
const LEASE = { owner: 'test', leaseMs: 30_000 };

async function createScene() {
  const { spaces, syncs } = createMemoryIndex();
  const [space] = await spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', Date.now());
  await syncs.request({ spaceId: space?.id ?? 0, mode: 'full', trigger: 'request', requestedBy: 'jm', targets: [] });
  const claim = async () => {
    const claimed = await syncs.claim(LEASE);
    if (claimed === null) throw new Error('there is a sync that waits');
    return claimed;
  };
  /** Fails so often before it goes on. */
  const failing = <Args extends unknown[], T>(times: number, write: (...args: Args) => Promise<T>, isDone = false) => {
    let left = times;
    return vi.fn(async (...args: Args): Promise<T> => {
      if (left-- <= 0) return await write(...args);
      if (isDone) await write(...args);
      throw TROUBLE;
    });
  };
  const slept: number[] = [];
  const setbacks = new Map<number, number>();
  const settle = async (end: () => Promise<SyncOutcome | null>, log = syncs, signal = new AbortController().signal) => {
    const sleep = async (ms: number) => void slept.push(ms);
    const start = () => ({ outcome: end(), standing: () => NO_STANDING, revisit: () => false });
    await settleSync(await claim(), start, { log, logger: quietLogger, sleep, signal, setbacks });
  };
  const status = async () => (await syncs.list({ user: 'jm', limit: 1 }))[0]?.status;
  return { syncs, claim, failing, settle, slept, status };
}

it('a sync that trouble of the database has set back waits to be resumed, and tells nobody of an error', async () => {
  const { settle, status } = await createScene();
  await settle(() => Promise.reject(TROUBLE));
  expect(await status()).toBe('IN_PROGRESS');
  await settle(async () => PROCESSED);
  expect(await status()).toBe('PROCESSED');
});

it('one that ends is recorded as it ended, although the database is in trouble just then', async () => {
  const { syncs, failing, settle, slept, status } = await createScene();
  await settle(async () => PROCESSED, { ...syncs, finish: failing(4, syncs.finish) });
  expect(await status()).toBe('PROCESSED');
  expect(slept).toEqual([250, 500, 1_000, 2_000]);
});

it('one whose end was recorded without an answer stays as it was recorded', async () => {
  const { syncs, failing, settle, status } = await createScene();
  const finish = failing(1, syncs.finish, true);
  await settle(async () => PROCESSED, { ...syncs, finish });
  expect([await status(), finish.mock.calls.length]).toEqual(['PROCESSED', 2]);
});

it('one that is set back has its lease given back once the database is there, so that nobody waits for its end', async () => {
  const { syncs, failing, settle, claim } = await createScene();
  await settle(() => Promise.reject(TROUBLE), { ...syncs, release: failing(5, syncs.release) });
  expect((await claim()).sync.status).toBe('IN_PROGRESS');
});

it('one that is set back again and again fails in the end', async () => {
  const { settle, slept, status } = await createScene();
  let times = 0;
  while ((await status()) !== 'ERROR') {
    await settle(() => Promise.reject(TROUBLE));
    times += 1;
  }
  expect(times).toBe(13);
  expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(30_000);
});

it('a stop ends the tries', async () => {
  const { syncs, failing, settle, slept } = await createScene();
  const stopped = AbortSignal.abort();
  await expect(settle(async () => PROCESSED, { ...syncs, finish: failing(9, syncs.finish) }, stopped)).rejects.toBe(
    TROUBLE,
  );
  expect(slept).toEqual([]);
});

it('any other error of the index is recorded as one', async () => {
  const { settle, status } = await createScene();
  await settle(() => Promise.reject(new OvadexError('index', 'the database could not be used: out of range (22003)')));
  expect(await status()).toBe('ERROR');
});

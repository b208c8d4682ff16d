import { afterEach, describe, expect, it } from 'vitest';
import type { RunningSync } from '../../src/crawl/sync/sync-space.js';
import { type SyncQueue, startSyncQueue } from '../../src/crawl/sync-queue.js';
import { OvadexError, PassingTrouble } from '../../src/domain/model/errors.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import { NO_STANDING, type SyncOutcome } from '../../src/domain/model/sync.js';
import { sleepInRealTime } from '../../src/webdav/transport/sleep.js';
import { createMemoryIndex, type IndexPorts } from '../support/memory-index/memory-index.js';
import { PROCESSED } from '../support/processed.js';
import { quietLogger } from '../support/quiet-logger.js';

/** Runs that end when they are told to. */
function controlledRuns() {
  const open = new Map<string, (outcome: SyncOutcome | Error) => void>();
  let most = 0;
  const run = (claimed: { sync: { user: string } }, signal: AbortSignal): RunningSync => {
    const { user } = claimed.sync;
    if (open.has(user)) throw new Error(`two runs of ${user} at once`);
    const outcome = new Promise<SyncOutcome | null>((resolve, reject) => {
      const end = (how: SyncOutcome | Error | null) => {
        open.delete(user);
        if (how instanceof Error) reject(how);
        else resolve(how);
      };
      open.set(user, end);
      signal.addEventListener('abort', () => end(null));
    });
    most = Math.max(most, open.size);
    return { outcome, standing: () => NO_STANDING, revisit: () => true };
  };
  return { run, open, most: () => most };
}

describe('startSyncQueue', () => {
  let ports: IndexPorts;
  let queue: SyncQueue;
  let silent: ReadonlySet<number> = new Set();

  const start = async (
    users: readonly string[],
    spacesAtOnce: number,
    changed: (log: IndexPorts['syncs']) => Partial<IndexPorts['syncs']> = () => ({}),
  ) => {
    ports = createMemoryIndex();
    const spaces = users.map((user) => ({ user, url: `http://127.0.0.1/${user}/` }));
    const registered = await ports.spaces.configure(spaces, 'rules', Date.now());
    for (const { id } of registered) await request(id);
    const runs = controlledRuns();
    queue = startSyncQueue({
      log: { ...ports.syncs, ...changed(ports.syncs) },
      run: runs.run,
      spacesAtOnce,
      isSilent: (spaceId) => silent.has(spaceId),
      silentSpaces: () => [...silent],
      owner: 'test',
      leaseMs: 30_000,
      sleep: sleepInRealTime,
      logger: quietLogger,
    });
    return { runs, registered };
  };
  const request = (spaceId: number) =>
    ports.syncs.request({ spaceId, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
  const hints = async () => {
    const syncs = await ports.syncs.list({ limit: 10 });
    return syncs.filter(({ mode }) => mode === 'hint').map(({ user, targets }) => ({ user, targets }));
  };
  const statuses = async () => (await ports.syncs.list({ limit: 10 })).map(({ user, status }) => `${user} ${status}`);

  afterEach(async () => {
    silent = new Set();
    await queue.stop();
  });

  it('runs everything that waits, so many spaces at a time', async () => {
    const users = ['a', 'b', 'c', 'd', 'e'];
    const { runs } = await start(users, 2);
    for (const user of users) {
      await expect.poll(() => [...runs.open.keys()]).toContain(user);
      runs.open.get(user)?.(PROCESSED);
    }
    await expect.poll(statuses).toEqual(expect.arrayContaining(users.map((user) => `${user} PROCESSED`)));
    expect(runs.most()).toBe(2);
  });

  it('gives the spaces of a silent storage places of their own, and no more than those', async () => {
    const { runs, registered } = await start(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 2);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a', 'b']);
    silent = new Set(registered.slice(0, 4).map(({ id }) => id));
    queue.wake();
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a', 'b', 'e', 'f']);
    runs.open.get('e')?.(PROCESSED);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a', 'b', 'f', 'g']);
    runs.open.get('a')?.(new Error('it said nothing'));
    runs.open.get('f')?.(PROCESSED);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['b', 'g', 'c']);
    runs.open.get('b')?.(PROCESSED);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['g', 'c', 'd']);
    expect(runs.most()).toBe(4);
  });

  it('notes the failure of one run and goes on with the others', async () => {
    const { runs } = await start(['a', 'b'], 1);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    runs.open.get('a')?.(new Error('a bug'));
    await expect.poll(() => runs.open.has('b')).toBe(true);
    runs.open.get('b')?.(PROCESSED);
    await expect.poll(statuses).toEqual(['b PROCESSED', 'a ERROR']);
    const [failed] = await ports.syncs.list({ user: 'a', limit: 1 });
    expect(failed?.errors).toEqual(['internal error; the log has the details']);
  });

  it('tells users that the index failed, and the log alone how', async () => {
    const { runs } = await start(['a'], 1);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    runs.open.get('a')?.(new OvadexError('index', 'the index could not be used: disk I/O error (SQLITE_IOERR_WRITE)'));
    await expect.poll(statuses).toEqual(['a ERROR']);
    const [failed] = await ports.syncs.list({ limit: 1 });
    expect(failed?.errors).toEqual(['the index could not be used; the log has the details']);
  });

  it('never runs a space twice at once, and runs what was asked meanwhile afterwards', async () => {
    const { runs, registered } = await start(['a'], 4);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    await request(registered[0]?.id ?? 0);
    queue.wake();
    runs.open.get('a')?.(PROCESSED);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    runs.open.get('a')?.(PROCESSED);
    await expect.poll(statuses).toEqual(['a PROCESSED', 'a PROCESSED']);
  });

  it('hands hints to the run of the space, and only to that', async () => {
    const { runs, registered } = await start(['a', 'b'], 1);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    expect(registered.map(({ id }) => queue.revisit(id, []))).toEqual([true, false]);
  });

  it.each([
    ['interrupted', (spaceId: number) => queue.interrupt([spaceId])],
    ['set back by the database', (_: number, end: (how: Error) => void) => end(new PassingTrouble('it is away'))],
  ])('files what a run was handed that is %s: whoever resumes it may have passed that', async (_how, giveUp) => {
    const { runs, registered } = await start(['a', 'b'], 2);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a', 'b']);
    const [spaceId = 0, other = 0] = registered.map(({ id }) => id);
    const paths = ['x', 'y'] as ResourcePath[];
    for (const path of [...paths, ...paths]) queue.revisit(spaceId, [path]);
    queue.revisit(other, paths);
    runs.open.get('b')?.(PROCESSED);
    giveUp(spaceId, (error) => runs.open.get('a')?.(error));
    await expect.poll(hints).toEqual([{ user: 'a', targets: paths }]);
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a']);
    runs.open.get('a')?.(PROCESSED);
    await expect.poll(async () => (await statuses()).includes('b PROCESSED')).toBe(true);
    expect(await hints()).toEqual([{ user: 'a', targets: paths }]);
  });

  it('files what a run was handed once the database can be written again, or at a stop', async () => {
    let reach = (): void => {
      throw new PassingTrouble('it is away');
    };
    const { runs, registered } = await start(['a'], 1, (log) => ({
      async request(each) {
        reach();
        return log.request(each);
      },
    }));
    await expect.poll(() => runs.open.has('a')).toBe(true);
    const [spaceId = 0] = registered.map(({ id }) => id);
    queue.revisit(spaceId, ['x' as ResourcePath]);
    runs.open.get('a')?.(new PassingTrouble('it is away'));
    await expect.poll(() => queue.isRunning(spaceId)).toBe(false);
    expect(await hints()).toEqual([]);
    reach = () => undefined;
    await expect.poll(hints).toEqual([{ user: 'a', targets: ['x'] }]);

    await expect.poll(() => runs.open.has('a')).toBe(true);
    queue.revisit(spaceId, ['y' as ResourcePath]);
    await queue.stop();
    expect(await hints()).toEqual([{ user: 'a', targets: ['x', 'y'] }]);
  });

  it('goes on at once with what it has claimed without hearing of it', async () => {
    let claims = 0;
    const { runs } = await start(['a', 'b', 'c'], 2, (log) => ({
      async claimUpTo(_atMost, options) {
        // The first answer comes, the second is lost.
        const claimed = await log.claimUpTo(1, options);
        if (++claims === 2) throw new PassingTrouble('the connection broke');
        return claimed;
      },
    }));
    await expect.poll(() => [...runs.open.keys()]).toEqual(['a']);
    expect(await statuses()).toEqual(['c PENDING', 'b IN_PROGRESS', 'a IN_PROGRESS']);
    await expect.poll(() => [...runs.open.keys()], { timeout: 5_000 }).toEqual(['a', 'b']);
  });

  it('gives unfinished syncs back at a stop, to be resumed', async () => {
    const { runs } = await start(['a'], 1);
    await expect.poll(() => runs.open.has('a')).toBe(true);
    await queue.stop();
    expect(await statuses()).toEqual(['a IN_PROGRESS']);
    const claimed = await ports.syncs.claim({ owner: 'next', leaseMs: 30_000 });
    expect(claimed).toMatchObject({ isResumed: true, sync: { user: 'a' } });
  });
});

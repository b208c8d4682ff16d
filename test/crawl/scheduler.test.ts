import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { longestInterval, type Scheduler, startScheduler } from '../../src/crawl/scheduler.js';
import { NO_FINDINGS } from '../../src/domain/markers.js';
import { createMemoryIndex, type IndexPorts } from '../support/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';

const MINUTE = 60_000;

describe('startScheduler', () => {
  let ports: IndexPorts;
  let scheduler: Scheduler;
  let rounds = 0;

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-03-02T10:03:00Z') });
    ports = createMemoryIndex(() => Date.now());
    rounds = 0;
  });

  afterEach(async () => {
    await scheduler.stop();
    vi.useRealTimers();
  });

  const start = async (
    users: readonly string[],
    schedule = '*/15 * * * *',
    fullSchedule = '0 3 1 1 *',
    poll: string | null = null,
  ) => {
    await ports.spaces.configure(
      users.map((user) => ({ user, url: `http://127.0.0.1/${user}/` })),
      'rules',
      Date.now(),
    );
    scheduler = startScheduler({
      schedule,
      fullSchedule,
      poll,
      users: () => users,
      registry: ports.spaces,
      onRound: async () => {
        rounds += 1;
      },
      onFiled: () => undefined,
      clock: () => Date.now(),
      logger: quietLogger,
    });
    await scheduler.plan(users);
  };

  /** Ends all waiting syncs and answers when each was filed, in minutes of the hour. */
  const drain = async (findings = NO_FINDINGS) => {
    const filed: string[] = [];
    for (;;) {
      const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE });
      if (claimed === null) return filed.sort((a, b) => (a < b ? -1 : 1));
      const { sync, lease } = claimed;
      filed.push(`${sync.user} ${sync.mode} :${new Date(sync.createdAt).getUTCMinutes()}`);
      const { counts } = sync;
      await ports.syncs.finish(lease, {
        status: 'PROCESSED',
        counts,
        errors: [],
        warnings: [],
        isUnauthorized: false,
        heldRemovals: null,
        heldReasons: [],
        findings,
      });
    }
  };

  it('syncs a new space at once and then at every round', async () => {
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await drain()).toEqual(['jm incremental :3']);
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    expect(await drain()).toEqual([]);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :15']);
    await vi.advanceTimersByTimeAsync(15 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :30']);
    expect(rounds).toBe(2);
  });

  it('spreads the starts of many spaces over the round', async () => {
    const users = ['a', 'b', 'c', 'd', 'e', 'f'];
    await start(users);
    await vi.advanceTimersByTimeAsync(2_000);
    await drain();
    await vi.advanceTimersByTimeAsync(26.9 * MINUTE);
    const minutes = (await drain()).map((line) => Number(line.split(':')[1])).sort((a, b) => a - b);
    expect(minutes).toEqual([15, 17, 19, 21, 23, 25]);
  });

  it('files one sync, not several, for rounds that were missed', async () => {
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(2_000);
    await drain();
    await scheduler.stop();
    vi.setSystemTime(new Date('2026-03-02T19:00:30Z'));
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await drain()).toEqual(['jm incremental :0']);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(await drain()).toEqual([]);
  });

  it('does not file another sync for a space whose last one still waits', async () => {
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(65 * MINUTE);
    expect(await drain()).toHaveLength(1);
  });

  it('goes on with a space whose turn was taken in by a request that waits', async () => {
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(2_000);
    await drain();
    const space = await ports.catalogue.space('jm');
    const asked = { mode: 'incremental', trigger: 'request', requestedBy: 'jm', targets: [] } as const;
    await ports.syncs.request({ spaceId: space?.id ?? 0, ...asked });
    await vi.advanceTimersByTimeAsync(13 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :3']);
    await vi.advanceTimersByTimeAsync(15 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :30']);
  });

  it('makes a sync full when a full one is due', async () => {
    await start(['jm'], '*/15 * * * *', '30 10 * * *');
    await vi.advanceTimersByTimeAsync(2_000);
    await drain();
    await vi.advanceTimersByTimeAsync(14 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :15']);
    await vi.advanceTimersByTimeAsync(14 * MINUTE);
    expect(await drain()).toEqual(['jm full :30']);
  });

  it('goes on when the clock is set back by a day', async () => {
    await start(['jm']);
    await vi.advanceTimersByTimeAsync(2_000);
    await drain();
    vi.setSystemTime(Date.now() - 24 * 60 * MINUTE);
    await vi.advanceTimersByTimeAsync(31 * MINUTE);
    expect((await drain()).length).toBeGreaterThan(0);
  });

  it('polls in between the spaces whose markers prove whole subtrees', async () => {
    await start(['a', 'b'], '*/15 * * * *', '0 3 1 1 *', '* * * * *');
    await vi.advanceTimersByTimeAsync(MINUTE);
    const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE });
    expect(claimed?.sync.user).toBe('a');
    if (claimed === null) return;
    const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
    const { counts } = claimed.sync;
    const good = {
      status: 'PROCESSED',
      counts,
      errors: [],
      warnings: [],
      isUnauthorized: false,
      heldRemovals: null,
      heldReasons: [],
    } as const;
    await ports.syncs.finish(claimed.lease, { ...good, findings });
    await drain();
    await scheduler.plan(['a', 'b']);
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    const filed = await drain();
    expect(filed.length).toBeGreaterThan(0);
    expect(filed.every((line) => line.startsWith('a incremental'))).toBe(true);
  });
});

describe('longestInterval', () => {
  it.each([
    ['*/15 * * * *', 15 * MINUTE],
    ['*/10 * * * * *', 10_000],
    ['0 8,12 * * *', 20 * 60 * MINUTE],
  ])('of "%s" is %i ms', (schedule, expected) => {
    expect(longestInterval(schedule)).toBe(expected);
  });
});

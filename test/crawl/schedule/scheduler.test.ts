import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { longestInterval, type Scheduler, startScheduler } from '../../../src/crawl/schedule/scheduler.js';
import { PassingTrouble } from '../../../src/domain/model/errors.js';
import { NO_FINDINGS } from '../../../src/domain/model/markers.js';
import { passFakeTime, setFakeClock, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { createMemoryIndex, type IndexPorts } from '../../support/memory-index/memory-index.js';
import { quietLogger } from '../../support/quiet-logger.js';

const MINUTE = 60_000;

describe('startScheduler', () => {
  let ports: IndexPorts;
  let scheduler: Scheduler;
  let rounds = 0;

  beforeEach(() => {
    useFakeTime(new Date('2026-03-02T10:03:00Z'));
    ports = createMemoryIndex(() => Date.now());
    rounds = 0;
  });

  afterEach(async () => {
    await scheduler.stop();
    useRealTime();
  });

  const start = async (
    users: readonly string[],
    schedule = '*/15 * * * *',
    fullSchedule = '0 3 1 1 *',
    poll: string | null = null,
    timeZone: string | null = null,
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
      timeZone,
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
    await passFakeTime(2_000);
    expect(await drain()).toEqual(['jm incremental :3']);
    await passFakeTime(11 * MINUTE);
    expect(await drain()).toEqual([]);
    await passFakeTime(2 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :15']);
    await passFakeTime(15 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :30']);
    expect(rounds).toBe(2);
  });

  it.each(['is filed', 'is planned'])(
    'misses no round and files none twice if the database fails as a space %s',
    async (when) => {
      const trouble = new PassingTrouble(
        'the database could not be used: Connection terminated unexpectedly (connection)',
      );
      const failing = new Set<string>();
      const { fileDue, schedule } = ports.spaces;
      Object.assign(ports.spaces, {
        async fileDue(now) {
          const due = await fileDue(now);
          // What it has filed stays, and nobody is told.
          if (due.filed.length > 0 && failing.delete('is filed')) throw trouble;
          return due;
        },
        async schedule(round, dueAt) {
          if (failing.delete('is planned')) throw trouble;
          await schedule(round, dueAt);
        },
      } satisfies Pick<IndexPorts['spaces'], 'fileDue' | 'schedule'>);
      await start(['jm', 'lab']);
      await passFakeTime(2_000);
      await drain();
      await passFakeTime(13 * MINUTE);
      expect(await drain()).toEqual(['jm incremental :15']);
      failing.add(when); // between two rounds, when 'lab' has its turn
      await passFakeTime(7 * MINUTE);
      expect([...failing]).toEqual([]);
      expect(await drain()).toEqual(['lab incremental :21']);
      await passFakeTime(15 * MINUTE);
      expect(await drain()).toEqual(['jm incremental :30', 'lab incremental :36']);
    },
  );

  it('spreads the starts of many spaces over the round', async () => {
    const users = ['a', 'b', 'c', 'd', 'e', 'f'];
    await start(users);
    await passFakeTime(2_000);
    await drain();
    await passFakeTime(26.9 * MINUTE);
    const minutes = (await drain()).map((line) => Number(line.split(':')[1])).sort((a, b) => a - b);
    expect(minutes).toEqual([15, 17, 19, 21, 23, 25]);
  });

  it('files one sync, not several, for rounds that were missed', async () => {
    await start(['jm']);
    await passFakeTime(2_000);
    await drain();
    await scheduler.stop();
    setFakeClock(new Date('2026-03-02T19:00:30Z'));
    await start(['jm']);
    await passFakeTime(5_000);
    expect(await drain()).toEqual(['jm incremental :0']);
    await passFakeTime(10 * MINUTE);
    expect(await drain()).toEqual([]);
  });

  it('does not file another sync for a space whose last one still waits', async () => {
    await start(['jm']);
    await passFakeTime(65 * MINUTE);
    expect(await drain()).toHaveLength(1);
  });

  it('goes on with a space whose turn was taken in by a request that waits', async () => {
    await start(['jm']);
    await passFakeTime(2_000);
    await drain();
    const space = await ports.catalogue.space('jm');
    const asked = { mode: 'incremental', trigger: 'request', requestedBy: 'jm', targets: [] } as const;
    await ports.syncs.request({ spaceId: space?.id ?? 0, ...asked });
    await passFakeTime(13 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :3']);
    await passFakeTime(15 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :30']);
  });

  it('makes a sync full when a full one is due', async () => {
    await start(['jm'], '*/15 * * * *', '30 10 * * *');
    await passFakeTime(2_000);
    await drain();
    await passFakeTime(14 * MINUTE);
    expect(await drain()).toEqual(['jm incremental :15']);
    await passFakeTime(14 * MINUTE);
    expect(await drain()).toEqual(['jm full :30']);
  });

  it('goes on when the clock is set back by a day', async () => {
    await start(['jm']);
    await passFakeTime(2_000);
    await drain();
    setFakeClock(Date.now() - 24 * 60 * MINUTE);
    await passFakeTime(31 * MINUTE);
    expect((await drain()).length).toBeGreaterThan(0);
  });

  it.each([
    ['the repeated hour of autumn', '2026-11-01T05:05:00Z', '2026-11-01T07:05:00Z', 8],
    ['the gap of spring', '2026-03-08T06:05:00Z', '2026-03-08T08:05:00Z', 8],
  ])('keeps its interval through %s', async (_, from, to, expected) => {
    setFakeClock(Date.parse(from));
    await start(['jm'], '*/15 * * * *', '0 3 1 1 *', null, 'America/New_York');
    await passFakeTime(2_000);
    await drain();
    let filed = 0;
    while (Date.now() < Date.parse(to)) {
      await passFakeTime(MINUTE);
      filed += (await drain()).length;
    }
    expect(filed).toBe(expected);
  });

  it.each([
    ['30 1 * * *', '2026-11-01T04:05:00Z'],
    ['30 2 * * *', '2026-03-08T05:05:00Z'],
  ])('files one full sync "%s" on the day on which clocks are changed', async (fullSchedule, from) => {
    setFakeClock(Date.parse(from));
    await start(['jm'], '0 */6 * * *', fullSchedule, null, 'America/New_York');
    await passFakeTime(2_000);
    await drain();
    const filed: string[] = [];
    for (let minute = 0; minute < 20 * 60; minute++) {
      await passFakeTime(MINUTE);
      filed.push(...(await drain()));
    }
    expect(filed.filter((line) => line.includes('full'))).toHaveLength(1);
  });

  it('polls in between the spaces whose markers prove whole subtrees', async () => {
    await start(['a', 'b'], '*/15 * * * *', '0 3 1 1 *', '* * * * *');
    await passFakeTime(MINUTE);
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
    await passFakeTime(3 * MINUTE);
    const filed = await drain();
    expect(filed.length).toBeGreaterThan(0);
    expect(filed.every((line) => line.startsWith('a incremental'))).toBe(true);
  });
});

describe('a space that is polled', () => {
  let ports: IndexPorts;
  let scheduler: Scheduler;

  beforeEach(async () => {
    useFakeTime(new Date('2026-03-02T10:03:00Z'));
    ports = createMemoryIndex(() => Date.now());
    await ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', Date.now());
    scheduler = startScheduler({
      // Whoever has to wait for its next round waits for a day.
      schedule: '0 3 * * *',
      fullSchedule: '0 3 1 1 *',
      poll: '* * * * *',
      users: () => ['jm'],
      registry: ports.spaces,
      timeZone: 'America/New_York',
      onRound: async () => undefined,
      onFiled: () => undefined,
      clock: () => Date.now(),
      logger: quietLogger,
    });
    await scheduler.plan(['jm']);
  });
  afterEach(async () => {
    await scheduler.stop();
    useRealTime();
  });

  const begin = async () => {
    const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: 60 * MINUTE });
    if (claimed === null) throw new Error('no sync waits');
    return claimed;
  };
  const end = async (
    { lease, sync }: Awaited<ReturnType<typeof begin>>,
    status: 'PROCESSED' | 'ERROR' = 'PROCESSED',
  ) => {
    await ports.syncs.finish(lease, {
      status,
      counts: sync.counts,
      errors: status === 'ERROR' ? ['down'] : [],
      warnings: [],
      isUnauthorized: false,
      heldRemovals: null,
      heldReasons: [],
      findings: { names: 'moved', subtree: 'moved', mismatches: 0 },
    });
  };
  /** Ends what waits every few seconds, and counts it. */
  const countPolls = async (minutes: number) => {
    let count = 0;
    for (let second = 0; second < minutes * 60; second += 5) {
      await passFakeTime(5_000);
      const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE });
      if (claimed === null) continue;
      await end(claimed);
      await scheduler.syncEnded('jm');
      count += 1;
    }
    return count;
  };

  it('is polled as soon as a first sync has shown that it may be', async () => {
    await passFakeTime(2_000);
    await end(await begin());
    await scheduler.syncEnded('jm');
    expect(await countPolls(5)).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['the repeated hour of autumn', '2026-11-01T05:30:00Z'],
    ['the gap of spring', '2026-03-08T06:30:00Z'],
  ])('is polled each minute through %s', async (_, from) => {
    setFakeClock(Date.parse(from));
    await passFakeTime(2_000);
    await end(await begin());
    await scheduler.syncEnded('jm');
    expect(await countPolls(90)).toBeGreaterThanOrEqual(88);
  });

  it('goes on being polled behind a sync during which polls fell due, also one of another process', async () => {
    await passFakeTime(2_000);
    await end(await begin());
    await scheduler.syncEnded('jm');
    await passFakeTime(MINUTE);
    const long = await begin();
    await passFakeTime(3.5 * MINUTE);
    await end(long); // nobody tells the scheduler
    expect(await countPolls(5)).toBeGreaterThanOrEqual(4);
  });

  it('goes on being polled when its trouble is over', async () => {
    await passFakeTime(2_000);
    await end(await begin());
    await scheduler.syncEnded('jm');
    await passFakeTime(MINUTE);
    await end(await begin(), 'ERROR');
    await scheduler.syncEnded('jm');
    await ports.syncs.request({
      spaceId: (await ports.catalogue.space('jm'))?.id ?? 0,
      mode: 'incremental',
      trigger: 'request',
      requestedBy: 'jm',
      targets: [],
    });
    expect(await countPolls(5)).toBeGreaterThanOrEqual(5);
  });
});

describe('longestInterval', () => {
  it.each([
    ['*/15 * * * *', 15 * MINUTE],
    ['*/10 * * * * *', 10_000],
    ['0 8,12 * * *', 20 * 60 * MINUTE],
    ['0 3 1 * *', 31 * 24 * 60 * MINUTE],
    ['0 0 1 1 *', 366 * 24 * 60 * MINUTE],
  ])('of "%s" is %i ms', (schedule, expected) => {
    expect(longestInterval(schedule, 'UTC')).toBe(expected);
  });
});

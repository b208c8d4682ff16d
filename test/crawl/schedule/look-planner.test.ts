import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LookBudget } from '../../../src/crawl/schedule/look-planner.js';
import { type Scheduler, startScheduler } from '../../../src/crawl/schedule/scheduler.js';
import { NO_COUNTS } from '../../../src/domain/model/sync.js';
import { passFakeTime, setFakeClock, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { mulberry } from '../../support/freshness/simulate.js';
import { createMemoryIndex, type IndexPorts } from '../../support/memory-index/memory-index.js';
import { quietLogger } from '../../support/quiet-logger.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ORIGIN = 'https://cloud.test';

describe('the looks that a budget allows', () => {
  let ports: IndexPorts;
  let scheduler: Scheduler;
  const warnings: unknown[] = [];
  /** When each space was looked at, by user. */
  const looks = new Map<string, number[]>();

  beforeEach(() => {
    useFakeTime(new Date('2026-03-02T10:03:00Z'));
    ports = createMemoryIndex(() => Date.now());
    warnings.length = 0;
    looks.clear();
  });
  afterEach(async () => {
    await scheduler.stop();
    useRealTime();
  });

  const start = async (
    users: readonly string[],
    budget: Partial<LookBudget>,
    { schedule = '0 */6 * * *', poll = '* * * * *' } = {},
  ) => {
    const settings = users.map((user) => ({ user, url: `${ORIGIN}/${user}/` }));
    await ports.spaces.configure(settings, 'rules', Date.now());
    scheduler = startScheduler({
      ...{ schedule, poll, fullSchedule: '0 3 1 1 *', timeZone: 'UTC' },
      budget: { originOf: () => ORIGIN, requestsPerSecond: () => 1, decides: 'all', ...budget },
      users: () => users,
      registry: ports.spaces,
      onRound: async () => undefined,
      onFiled: () => undefined,
      clock: () => Date.now(),
      logger: Object.assign(Object.create(quietLogger), { warn: (...words: unknown[]) => warnings.push(words) }),
    });
    await scheduler.plan(users);
  };

  /** Runs what is filed; `changes` says how many changes each space had since it was looked at last. */
  const pass = async (ms: number, changes: (user: string, elapsed: number) => number = () => 0, requests = 1) => {
    for (const until = Date.now() + ms; Date.now() < until; ) {
      await passFakeTime(1_000);
      for (;;) {
        const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE });
        if (claimed === null) break;
        const { user } = claimed.sync;
        const its = looks.get(user) ?? [];
        const elapsed = Date.now() - (its.at(-1) ?? Date.now());
        looks.set(user, [...its, Date.now()]);
        await ports.syncs.finish(claimed.lease, {
          status: 'PROCESSED',
          counts: { ...NO_COUNTS, requests, added: changes(user, elapsed) },
          ...{ errors: [], warnings: [], isUnauthorized: false, heldRemovals: null, heldReasons: [] },
          findings: { names: 'moved', subtree: 'moved', mismatches: 0 },
        });
        await scheduler.syncEnded(user);
      }
    }
  };
  const users = (count: number) => Array.from({ length: count }, (_, at) => `u${String(at).padStart(3, '0')}`);
  const looksSince = (since: number) =>
    new Map([...looks].map(([user, times]) => [user, times.filter((at) => at > since).length]));
  const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((all, count) => all + count, 0);
  const longestGap = (since: number) =>
    Math.max(
      ...[...looks.values()].flatMap((times) => {
        const later = times.filter((at) => at >= since);
        return later.slice(1).map((at, i) => at - (later[i] as number));
      }),
    );

  it('are at busy spaces rather than at quiet ones, as many as it pays for, and none waits for four equal intervals', async () => {
    const all = users(60);
    const random = mulberry(7);
    // One in six changes every two minutes, the others once a week.
    const rateOf = (user: string) => (Number(user.slice(1)) % 6 === 0 ? 1 / (2 * MINUTE) : 1 / (168 * HOUR));
    const changes = (user: string, elapsed: number) => (random() < 1 - Math.exp(-rateOf(user) * elapsed) ? 1 : 0);
    // At equal intervals: ten minutes.
    await start(all, { requestsPerSecond: () => 0.1 });
    await pass(3 * HOUR, changes);
    const since = Date.now();
    await pass(HOUR, changes);
    const counts = looksSince(since);
    const busy = [...counts].filter(([user]) => Number(user.slice(1)) % 6 === 0);
    expect(sum(new Map(busy))).toBeGreaterThan(sum(counts) / 2);
    expect(sum(counts) / 360).toBeGreaterThan(0.85);
    expect(sum(counts) / 360).toBeLessThan(1.15);
    expect(longestGap(since - HOUR)).toBeLessThan(40 * MINUTE);
  });

  it('are no more after a restart, at which all of them are overdue', async () => {
    const all = users(60);
    await start(all, { requestsPerSecond: () => 0.1 });
    await pass(30 * MINUTE);
    await scheduler.stop();
    setFakeClock(Date.now() + 2 * HOUR);
    const since = Date.now();
    await start(all, { requestsPerSecond: () => 0.1 });
    await pass(5 * MINUTE);
    expect(sum(looksSince(since))).toBeLessThanOrEqual(33);
    expect(sum(looksSince(since))).toBeGreaterThan(25);
  });

  it('come in rounds where the budget pays for all, and only where it does not it decides (dear)', async () => {
    const all = users(20);
    let perSecond = 10;
    await start(all, { decides: 'dear', requestsPerSecond: () => perSecond });
    await pass(5 * MINUTE);
    let since = Date.now();
    await pass(10 * MINUTE);
    expect([...looksSince(since).values()]).toEqual(new Array(20).fill(10));
    // The storage has become slow: a look at each every 200 seconds.
    perSecond = 0.1;
    await pass(20 * MINUTE);
    since = Date.now();
    await pass(20 * MINUTE);
    expect(sum(looksSince(since))).toBeLessThan(140);
    perSecond = 10;
    await pass(20 * MINUTE);
    since = Date.now();
    await pass(10 * MINUTE);
    expect([...looksSince(since).values()]).toEqual(new Array(20).fill(10));
  });

  it('leave the rounds of the schedule to those that nothing else looked at in time', async () => {
    await start(users(4), { requestsPerSecond: () => 1 }, { schedule: '*/5 * * * *' });
    await pass(10 * MINUTE);
    const since = Date.now();
    await pass(20 * MINUTE);
    // Polled each minute: a round has nothing to add.
    expect([...looksSince(since).values()]).toEqual([20, 20, 20, 20]);
  });

  it('never let a space wait longer than the schedule says, which the log tells once where that takes more', async () => {
    await start(users(20), { requestsPerSecond: () => 0.01 }, { schedule: '*/5 * * * *' });
    await pass(10 * MINUTE);
    const since = Date.now();
    await pass(30 * MINUTE);
    expect(longestGap(since)).toBeLessThanOrEqual(6 * MINUTE);
    expect(warnings).toEqual([
      [{ origin: ORIGIN, needed: 0.067, budget: 0.01 }, expect.stringMatching(/crawl\.schedule alone takes more/)],
    ]);
  });

  it('are left to the schedule, at its next round, where a space is no longer in order', async () => {
    await start(['jm'], { requestsPerSecond: () => 1 }, { schedule: '*/15 * * * *' });
    await pass(5 * MINUTE);
    await passFakeTime(2 * MINUTE);
    const fail = async () => {
      const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE });
      if (claimed === null) throw new Error('no look was filed');
      await ports.syncs.finish(claimed.lease, {
        ...{ status: 'ERROR', counts: NO_COUNTS, errors: ['down'], warnings: [], isUnauthorized: false },
        ...{ heldRemovals: null, heldReasons: [], findings: { names: null, subtree: null, mismatches: 0 } },
      });
      await scheduler.syncEnded('jm');
    };
    await fail();
    // What was planned before is tried once more.
    await passFakeTime(2 * MINUTE);
    await fail();
    const space = await ports.catalogue.space('jm');
    expect(new Date(space?.nextSyncAt ?? 0).toISOString()).toBe('2026-03-02T10:15:00.000Z');
  });

  it('keep to the hours in which polls are allowed', async () => {
    setFakeClock(new Date('2026-03-02T17:50:00Z'));
    await start(users(3), { requestsPerSecond: () => 1 }, { schedule: '0 12 * * *', poll: '* 8-17 * * *' });
    await pass(20 * MINUTE);
    const since = Date.now();
    await pass(3 * HOUR);
    expect(sum(looksSince(since))).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Maintenance, type MaintenanceDeps, startMaintenance } from '../../../src/crawl/schedule/maintenance.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { passFakeTime, setFakeClock, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { quietLogger } from '../../support/quiet-logger.js';

const DAY_MS = 86_400_000;

describe('maintenance', () => {
  let running: Maintenance | undefined;
  let calls: string[];

  beforeEach(() => {
    useFakeTime(new Date(2030, 0, 1, 4, 0));
    calls = [];
  });
  afterEach(async () => {
    await running?.stop();
    useRealTime();
  });

  const deps = (
    schedule: string | null,
    forgetMissing: MaintenanceDeps['indexMaintenance']['forgetMissing'],
  ): MaintenanceDeps => ({
    plan: { schedule, tombstonesMs: 30 * DAY_MS, syncsMs: 365 * DAY_MS },
    indexMaintenance: {
      forgetMissing,
      forgetSyncs: async (before) => calls.push(`syncs of ${(Date.now() - before) / DAY_MS} days`),
      tidy: async () => calls.push('tidy'),
      merge: async () => {
        calls.push('checkpoint');
        return { storedBytes: 1, unmergedBytes: 0 };
      },
    },
    departures: {
      forgetRest: async () => calls.push('rest of users'),
      list: async (before = 0) => {
        calls.push(`users of ${(Date.now() - before) / DAY_MS} days`);
        return ['jm', 'back', 'kim'].map((user) => ({ user, leftAt: 0, images: 1, collections: 1, tokens: 0 }));
      },
      forget: async (user) => {
        if (user === 'back') throw new OvadexError('conflict', 'it is configured again');
        return { images: 1, collections: 1, syncs: 0, tokens: 0 };
      },
      note: async ({ user, images }) => void calls.push(`${user} forgotten: ${images}`),
    },
    clock: () => Date.now(),
    logger: quietLogger,
  });
  const forget: MaintenanceDeps['indexMaintenance']['forgetMissing'] = async (before) =>
    calls.push(`tombstones of ${(Date.now() - before) / DAY_MS} days`);
  const ALL = ['rest of users', 'tombstones of 30 days', 'syncs of 365 days', 'tidy', 'checkpoint'];

  it('does everything at its time, and only then', async () => {
    running = startMaintenance(deps('10 4 * * *', forget));
    await passFakeTime(9 * 60_000);
    expect(calls).toEqual([]);
    await passFakeTime(2 * 60_000);
    expect(calls).toEqual(ALL);
  });

  it('forgets users who have left, where that is wanted, and nobody who is back', async () => {
    const given = deps('10 4 * * *', forget);
    running = startMaintenance({ ...given, plan: { ...given.plan, forgetAfterMs: 90 * DAY_MS } });
    await passFakeTime(11 * 60_000);
    expect(calls).toEqual(['users of 90 days', 'jm forgotten: 1', 'kim forgotten: 1', ...ALL]);
  });

  it.each([
    ['30 1 * * *', '2026-11-01T04:05:00Z'],
    ['30 2 * * *', '2026-03-08T05:05:00Z'],
  ])('does it once, by "%s", on a day on which the clocks of its zone are changed', async (schedule, from) => {
    setFakeClock(Date.parse(from));
    running = startMaintenance({ ...deps(schedule, forget), timeZone: 'America/New_York' });
    await passFakeTime(20 * 3_600_000);
    expect(calls.filter((call) => call === 'tidy')).toHaveLength(1);
  });

  it('forgets nothing where it is off, and still keeps the write-ahead log short', async () => {
    running = startMaintenance(deps(null, forget));
    await passFakeTime(DAY_MS);
    expect(new Set(calls)).toEqual(new Set(['checkpoint']));
    expect(calls).toHaveLength(96);
  });

  it('goes on at the next time where it failed', async () => {
    let tries = 0;
    running = startMaintenance(
      deps('10 * * * *', async (before, signal) => {
        if (++tries === 1) throw new Error('the disk is full');
        return await forget(before, signal);
      }),
    );
    await passFakeTime(13 * 60_000);
    expect(calls.splice(0)).toEqual(ALL.slice(0, 1));
    await passFakeTime(60 * 60_000);
    expect(calls.filter((call) => call !== 'checkpoint')).toEqual(ALL.slice(0, 4));
  });

  it('waits at a stop for the step that runs, and tells it to end', async () => {
    let wasAborted = false;
    let finish = () => {};
    const maintenance = startMaintenance(
      deps('10 4 * * *', async (_before, signal) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        wasAborted = signal?.aborted === true;
        return 0;
      }),
    );
    await passFakeTime(11 * 60_000);
    let hasStopped = false;
    const stopped = maintenance.stop().then(() => {
      hasStopped = true;
    });
    await passFakeTime(1_000);
    expect(hasStopped).toBe(false);
    finish();
    await stopped;
    expect(wasAborted).toBe(true);
  });
});

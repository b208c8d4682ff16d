import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRounds } from '../../../src/crawl/schedule/cron-rounds.js';
import { passFakeTime, setFakeClock, useFakeTime, useRealTime } from '../../support/fake-time.js';

const START = new Date('2026-03-02T10:03:00.500Z').getTime();
const DAY_MS = 86_400_000;
const clock = () => Date.now();

describe('rounds of every second', () => {
  beforeEach(() => useFakeTime(START));
  afterEach(() => useRealTime());

  async function startCounting(run: () => Promise<void> = async () => undefined) {
    const counted = vi.fn(run);
    const rounds = startRounds('* * * * * *', counted, clock);
    await passFakeTime(3_000);
    expect(counted).toHaveBeenCalledTimes(3);
    counted.mockClear();
    return { counted, rounds };
  }

  it.each([
    ['forth by a minute', 60_000],
    ['forth by 40 days', 40 * DAY_MS],
    ['back by a minute', -60_000],
    ['back by 40 days', -40 * DAY_MS],
  ])('go on when the clock is set %s, and make up for none', async (_, jump) => {
    const { counted, rounds } = await startCounting();
    setFakeClock(Date.now() + jump);
    await passFakeTime(5_000);
    // When it is set back, the first look finds the next time.
    expect(counted).toHaveBeenCalledTimes(jump > 0 ? 5 : 4);
    rounds.stop();
  });

  it('wait for the last one, and then go on', async () => {
    let end: () => void = () => undefined;
    const rounds = startRounds('* * * * * *', () => new Promise((resolve) => (end = resolve)), clock);
    const started = vi.fn();
    const others = startRounds('* * * * * *', async () => started(), clock);
    await passFakeTime(3_000);
    const first = end;
    await passFakeTime(3_000);
    expect(end).toBe(first);
    expect(started).toHaveBeenCalledTimes(6);
    end();
    await passFakeTime(1_000);
    expect(end).not.toBe(first);
    rounds.stop();
    others.stop();
  });

  it('are none after they were stopped', async () => {
    const { counted, rounds } = await startCounting();
    rounds.stop();
    await passFakeTime(3_000);
    expect(counted).not.toHaveBeenCalled();
  });
});

/** How often each round starts between two instants, counted by the second as a daemon does. */
async function countRounds(schedule: string, timeZone: string, from: string, to: string): Promise<string[]> {
  useFakeTime(Date.parse(from));
  const started: string[] = [];
  const note = async () => void started.push(new Date().toISOString().slice(11, 16));
  const rounds = startRounds(schedule, note, clock, timeZone);
  await passFakeTime(Date.parse(to) - Date.parse(from));
  rounds.stop();
  useRealTime();
  return started;
}

describe('rounds on a day on which the clocks are changed', () => {
  const AUTUMN = ['2026-11-01T04:59:30Z', '2026-11-01T07:59:30Z'] as const;
  const SPRING = ['2026-03-08T05:59:30Z', '2026-03-08T08:59:30Z'] as const;

  it.each([
    ['*/15 * * * *', AUTUMN, 12],
    ['* * * * *', AUTUMN, 180],
    ['*/15 * * * *', SPRING, 12],
    ['* * * * *', SPRING, 180],
  ] as const)('"%s" goes on between %j', async (schedule, [from, to], expected) => {
    expect(await countRounds(schedule, 'America/New_York', from, to)).toHaveLength(expected);
  });

  it.each([
    ['30 1 * * *', AUTUMN, ['05:30']],
    ['30 2 * * *', SPRING, ['07:00']],
  ] as const)('"%s" starts once between %j', async (schedule, [from, to], expected) => {
    expect(await countRounds(schedule, 'America/New_York', from, to)).toEqual(expected);
  });
});

import fc from 'fast-check';
import { createTask } from 'node-cron';
import { describe, expect, it, vi } from 'vitest';
import { readCron } from '../../../src/crawl/schedule/cron-times.js';
import { someOf } from '../../support/thorough.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** All times from one instant (included) to another, the way a daemon finds them: from each to the next. */
function runs(expression: string, zone: string, from: string, to: string): string[] {
  const { next } = readCron(expression, zone);
  const found: string[] = [];
  for (let at = next(Date.parse(from) - 1); at < Date.parse(to); at = next(at)) {
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

/** A zone and the days, from midnight to midnight in UTC around it, on which its clocks are changed. */
const BERLIN_AUTUMN = ['Europe/Berlin', '2026-10-24T22:00Z', '2026-10-25T23:00Z'] as const;
const BERLIN_SPRING = ['Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T22:00Z'] as const;
const NEW_YORK_AUTUMN = ['America/New_York', '2026-11-01T04:00Z', '2026-11-02T05:00Z'] as const;
const NEW_YORK_SPRING = ['America/New_York', '2026-03-08T05:00Z', '2026-03-09T04:00Z'] as const;
/** From 2:00 back to 1:30, and from 2:00 to 2:30. */
const LORD_HOWE_AUTUMN = ['Australia/Lord_Howe', '2026-04-04T13:00Z', '2026-04-05T13:30Z'] as const;
const LORD_HOWE_SPRING = ['Australia/Lord_Howe', '2026-10-03T13:30Z', '2026-10-04T13:00Z'] as const;
/** From midnight to 1:00. */
const CAIRO_SPRING = ['Africa/Cairo', '2026-04-23T22:00Z', '2026-04-24T21:00Z'] as const;

describe('what has hours of its own', () => {
  it.each([
    ['30 2 * * *', BERLIN_AUTUMN, ['10-25T00:30']],
    ['0 2 * * *', BERLIN_AUTUMN, ['10-25T00:00']],
    ['0 3 * * *', BERLIN_AUTUMN, ['10-25T02:00']],
    ['0 1 * * *', BERLIN_AUTUMN, ['10-24T23:00']],
    ['0,30 2,3 * * *', BERLIN_AUTUMN, ['10-25T00:00', '10-25T00:30', '10-25T02:00', '10-25T02:30']],
    ['30 2 * * *', BERLIN_SPRING, ['03-29T01:00']],
    ['0 2 * * *', BERLIN_SPRING, ['03-29T01:00']],
    ['0 3 * * *', BERLIN_SPRING, ['03-29T01:00']],
    ['0,20,40 2 * * *', BERLIN_SPRING, ['03-29T01:00']],
    ['0 0 30 12 *', ['Pacific/Apia', '2011-12-29T10:00Z', '2012-01-01T10:00Z'], ['12-30T10:00']],
    ['30 2 29 3 *', BERLIN_SPRING, ['03-29T01:00']],
    ['30 2 * * 0', BERLIN_SPRING, ['03-29T01:00']],
    ['30 2 * * 1', BERLIN_SPRING, []],
    ['30 1 * * *', NEW_YORK_AUTUMN, ['11-01T05:30']],
    ['30 2 * * *', NEW_YORK_SPRING, ['03-08T07:00']],
    ['45 1 * * *', LORD_HOWE_AUTUMN, ['04-04T14:45']],
    ['15 1 * * *', LORD_HOWE_AUTUMN, ['04-04T14:15']],
    ['15 2 * * *', LORD_HOWE_SPRING, ['10-03T15:30']],
    ['45 2 * * *', LORD_HOWE_SPRING, ['10-03T15:45']],
    ['0 0 * * *', CAIRO_SPRING, ['04-23T22:00']],
    ['@daily', CAIRO_SPRING, ['04-23T22:00']],
    ['30 2 * * *', ['Asia/Kolkata', '2026-03-28T18:30Z', '2026-03-29T18:30Z'], ['03-28T21:00']],
    ['30 2 * * *', ['UTC', '2026-03-29T00:00Z', '2026-03-30T00:00Z'], ['03-29T02:30']],
  ] as const)('"%s" runs once on the day %j', (expression, [zone, from, to], expected) => {
    expect(runs(expression, zone, from, to)).toEqual(expected);
  });

  it('does not run again when it is asked in the middle of the repeated hour', () => {
    const { next } = readCron('30 2 * * *', 'Europe/Berlin');
    expect(new Date(next(Date.parse('2026-10-25T01:10Z'))).toISOString()).toBe('2026-10-26T01:30:00.000Z');
  });
});

describe('what runs every hour', () => {
  it.each([
    ['*/15 * * * *', 15 * MINUTE],
    ['* * * * *', MINUTE],
    ['@hourly', HOUR],
    ['7 0-23 * * *', HOUR],
    ['*/10 * * * * *', 10_000],
  ])('"%s" keeps its interval in each zone, whatever becomes of its clocks', (expression, interval) => {
    for (const [zone, from, to] of someOf(
      [
        BERLIN_AUTUMN,
        BERLIN_SPRING,
        NEW_YORK_AUTUMN,
        NEW_YORK_SPRING,
        CAIRO_SPRING,
        ['Asia/Kolkata', '2026-03-28T18:30Z', '2026-03-29T18:30Z'],
        ['UTC', '2026-03-29T00:00Z', '2026-03-30T00:00Z'],
      ] as const,
      2,
    )) {
      const { next } = readCron(expression, zone);
      for (let at = next(Date.parse(from)); at < Date.parse(to); ) {
        const after = next(at);
        // Tens of thousands of times: an assertion for each would take longer than the times do.
        if (after - at !== interval) expect.fail(`${zone}: ${after - at} ms after ${new Date(at).toISOString()}`);
        at = after;
      }
    }
  });

  it('goes by the clock where that is changed by half an hour', () => {
    expect(runs('*/15 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:30Z', '2026-04-04T16:00Z')).toHaveLength(6);
    expect(runs('0 * * * *', 'Australia/Lord_Howe', '2026-04-04T13:00Z', '2026-04-04T17:00Z')).toEqual([
      '04-04T13:00',
      '04-04T14:00',
      '04-04T15:30',
      '04-04T16:30',
    ]);
  });

  it('runs every other hour by the clock', () => {
    expect(runs('0 */2 * * *', ...BERLIN_SPRING).slice(0, 3)).toEqual(['03-28T23:00', '03-29T02:00', '03-29T04:00']);
    expect(runs('0 */2 * * *', ...BERLIN_AUTUMN).slice(0, 4)).toEqual([
      '10-24T22:00',
      '10-25T00:00',
      '10-25T01:00',
      '10-25T03:00',
    ]);
  });
});

describe('the times of a cron expression', () => {
  it('are those of node-cron wherever clocks are not changed', () => {
    const expressions = [
      '0 3 1 1 *',
      '*/20 8-18 * * 1-5',
      '0 0 L * *',
      '0 12 15W * *',
      '30 6 * * 1#2',
      '15 4 * * 5L',
      '0 22-2 * * *',
      '5 */7 * jan,jul mon',
      '0 0 29 2 *',
      '*/7 13 * * * *',
    ];
    for (const expression of expressions) {
      vi.useFakeTimers({ now: Date.parse('2026-03-02T10:03:00.500Z'), toFake: ['Date'] });
      const task = createTask(expression, () => undefined, { timezone: 'UTC' });
      const expected = task.getNextRuns(20).map((run) => run.toISOString());
      const found = readCron(expression, 'UTC').following(Date.now(), 20);
      expect(
        found.map((run) => new Date(run).toISOString()),
        expression,
      ).toEqual(expected);
      void task.destroy();
      vi.useRealTimers();
    }
  });

  it('always lie ahead, and at most a day for what has a time each day', () => {
    const zones = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC', 'Africa/Cairo'];
    const times = zones.flatMap((zone) =>
      ['*/15 * * * *', '30 2 * * *', '0 0 * * *'].map((cron) => readCron(cron, zone)),
    );
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }), (after) => {
        for (const { next } of times) {
          expect(next(after)).toBeGreaterThan(after);
          expect(next(after) - after).toBeLessThanOrEqual(25 * HOUR);
        }
      }),
    );
  });

  it('are each day once, for what has a time of its own, over two years in each zone', () => {
    for (const zone of someOf(
      ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC', 'Africa/Cairo'],
      2,
    )) {
      const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
      for (const expression of ['30 2 * * *', '15 1 * * *', '0 0 * * *']) {
        const found = readCron(expression, zone).following(Date.parse('2026-01-01T12:00Z'), 730);
        const days = new Set(found.map((run) => day.format(run)));
        expect(days.size, `${expression} in ${zone}`).toBe(730);
        expect(found.at(-1), zone).toBeLessThan(Date.parse('2026-01-01T12:00Z') + 731 * DAY);
      }
    }
  });

  it('go by the machine’s zone where none is named', () => {
    const before = process.env['TZ'];
    try {
      process.env['TZ'] = 'America/New_York';
      const [first] = readCron('30 1 * * *').following(Date.parse('2026-11-01T04:00Z'), 1);
      expect(new Date(first ?? 0).toISOString()).toBe('2026-11-01T05:30:00.000Z');
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

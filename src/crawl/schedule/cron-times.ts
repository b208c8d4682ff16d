import { LRUCache } from 'lru-cache';
import { createTask, parse } from 'node-cron';
import { nextTime, type OffsetAt, type WallTimes } from '../../domain/model/wall-time.js';

/** The times of a cron expression. */
export interface CronTimes {
  /** Returns the first time after this instant, in ms since the epoch; infinite if there is none. */
  next(after: number): number;
  /** Returns the next `count` times, ascending. */
  following(after: number, count: number): readonly number[];
}

/**
 * Reads a valid cron expression of five or six fields, or a nickname such as `@daily`. `timeZone` is an IANA name;
 * null: this machine's. node-cron parses the fields and matches the days; clock changes are handled here, since its own
 * next run omits the repeated hour of autumn, and the day whose hour falls into the gap of spring.
 */
export function readCron(expression: string, timeZone: string | null = null): CronTimes {
  const times = wallTimesOf(expression);
  const offsetAt = offsetsOf(timeZone);
  let last = { after: 0, next: 0 };
  const next = (after: number) => {
    // Asked for repeatedly until it has come: a year ahead in a named zone takes milliseconds.
    if (after < last.after || after >= last.next) {
      last = { after, next: nextTime(times, offsetAt, after) ?? Number.POSITIVE_INFINITY };
    }
    return last.next;
  };
  return {
    next,
    following(after, count) {
      const runs: number[] = [];
      for (let run = next(after); runs.length < count && Number.isFinite(run); run = next(run)) runs.push(run);
      return runs;
    },
  };
}

function wallTimesOf(expression: string): WallTimes {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression);
  const hours = {
    hours: ascending(hour),
    minutes: ascending(minute),
    seconds: ascending(second),
    isEveryHour: hour.length === HOURS || hourFieldOf(expression).includes('*'),
  };
  // Most schedules give their days as numbers or not at all, and node-cron takes a third of a millisecond for each day.
  const isNumbered = [...dayOfMonth, ...dayOfWeek].every((day) => typeof day === 'number');
  if (isNumbered) {
    return { ...hours, isDay: (midnight) => isNumberedDay(new Date(midnight), { dayOfMonth, month, dayOfWeek }) };
  }
  const days = `0 0 0 ${dayOfMonth.join(',')} ${month.join(',')} ${dayOfWeek.join(',')}`;
  const task = createTask(days, () => undefined, { timezone: 'UTC' });
  const isDay = rememberLast((midnight: number) => {
    const date = new Date(midnight);
    return month.includes(date.getUTCMonth() + 1) && task.match(date);
  });
  void task.destroy();
  return { ...hours, isDay };
}

/** Whether a day matches the fields of both day and weekday, as in node-cron. */
function isNumberedDay(
  date: Date,
  { dayOfMonth, month, dayOfWeek }: Pick<ReturnType<typeof parse>, 'dayOfMonth' | 'month' | 'dayOfWeek'>,
): boolean {
  return (
    month.includes(date.getUTCMonth() + 1) &&
    dayOfMonth.includes(date.getUTCDate()) &&
    dayOfWeek.includes(date.getUTCDay())
  );
}

const HOURS = 24;
/** Index from the end: hour, day, month, weekday. */
const HOUR_FIELD = -4;

/** Returns the hour field as it was written; empty for a nickname. */
function hourFieldOf(expression: string): string {
  return expression.trim().split(/\s+/).at(HOUR_FIELD) ?? '';
}

/** Sorts a field: `22-2` is parsed as 22, 23, 0, 1, 2. */
function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

/** A configuration names some zones at most. */
const zones = new LRUCache<string, OffsetAt>({ max: 50 });
/** Minutes whose offsets are kept for each: those around the runs that are looked at again and again. */
const KEPT_MINUTES = 1_000;

/** Returns the offsets of a zone, which are asked of `Intl` once: a look at the next runs of a schedule asks for many, and comes often. */
function offsetsOf(timeZone: string | null): OffsetAt {
  if (timeZone === null) return (instant) => -new Date(instant).getTimezoneOffset() * 60_000;
  if (timeZone === 'UTC') return () => 0;
  const known = zones.get(timeZone) ?? offsetsByIntl(timeZone);
  zones.set(timeZone, known);
  return known;
}

function offsetsByIntl(timeZone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...CLOCK });
  // No zone changes its clocks within a minute.
  const byMinute = new LRUCache<number, number>({ max: KEPT_MINUTES });
  const ask = (instant: number) => {
    const second = Math.floor(instant / 1_000) * 1_000;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(second)) parts[type] = Number(value);
    const { year = 0, month = 1, day, hour, minute, second: s } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, s) - second;
  };
  return (instant) => {
    const at = Math.floor(instant / 60_000);
    const offset = byMinute.get(at) ?? ask(instant);
    byMinute.set(at, offset);
    return offset;
  };
}

const CLOCK = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** Remembers the last answer, since a day is asked for at each of its times. */
function rememberLast(compute: (value: number) => boolean): (value: number) => boolean {
  let last: { value: number; answer: boolean } | null = null;
  return (value) => {
    if (last?.value !== value) last = { value, answer: compute(value) };
    return last.answer;
  };
}

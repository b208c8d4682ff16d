/** Times of day at which something is due, on the matching days. */
export interface WallTimes {
  /** Each ascending and not empty: hours 0 to 23, minutes and seconds 0 to 59. */
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  /** Whether the day that begins at this wall time is a matching one. */
  isDay(midnight: number): boolean;
  /** It has no hours of its own, so it keeps its interval when clocks are changed. Otherwise each time of day comes once. */
  isEveryHour: boolean;
}

/**
 * Returns how far a zone's wall clock is ahead of UTC at an instant. A wall time is what the clock on the wall shows,
 * written as the instant at which a clock in UTC would show it. All in ms.
 */
export type OffsetAt = (instant: number) => number;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** 29 February falls on a given weekday every 28 years, or 40 across a century. */
const MAX_DAYS = 366 * 41;
/** Longer than any change: Samoa once skipped a day. */
const NEAR_MS = 2 * DAY_MS;
/** No zone changes its clocks twice within half a day. */
const PROBE_MS = 12 * HOUR_MS;

/**
 * Returns the first time after `after`, or null if there is none. If clocks are changed it follows Debian's cron: times
 * with hours of their own come exactly once, at the end of a gap that swallowed them, and in the first of two equal
 * hours; times in every hour continue by the clock, through the repeated hour, too.
 */
export function nextTime(times: WallTimes, offsetAt: OffsetAt, after: number): number | null {
  let offset = offsetAt(after);
  let from = after;
  let wall = after + offset;
  if (!times.isEveryHour) wall = Math.max(wall, endOfRepeat(offsetAt, after) - 1);
  for (;;) {
    const next = nextWall(times, wall);
    if (next === null) return null;
    // A change that lies days before it can neither swallow nor repeat it.
    const near = next - offset - NEAR_MS;
    if (near > from) {
      from = near;
      offset = offsetAt(from);
    }
    const change = firstChange(offsetAt, from, next - offset);
    if (change === null) return next - offset;
    const before = change + offset;
    offset = offsetAt(change);
    const behind = change + offset;
    const isSwallowed = next < behind;
    if (isSwallowed && !times.isEveryHour) return change;
    wall = (times.isEveryHour ? behind : Math.max(before, behind)) - 1;
    from = change;
  }
}

/** Returns the wall time at which the times that this clock shows for the second time end; if there are none, one in the past. */
function endOfRepeat(offsetAt: OffsetAt, at: number): number {
  const change = firstChange(offsetAt, at - PROBE_MS, at);
  return change === null ? Number.NEGATIVE_INFINITY : change + offsetAt(change - 1);
}

/** Returns the first instant after `from`, up to `to`, at which the offset changes, or null. */
function firstChange(offsetAt: OffsetAt, from: number, to: number): number | null {
  const offset = offsetAt(from);
  for (let low = from; low < to; low += PROBE_MS) {
    let high = Math.min(low + PROBE_MS, to);
    if (offsetAt(high) === offset) continue;
    let same = low;
    while (high - same > 1) {
      const middle = Math.floor((same + high) / 2);
      if (offsetAt(middle) === offset) same = middle;
      else high = middle;
    }
    return high;
  }
  return null;
}

/** Returns the first matching wall time after this one. */
function nextWall(times: WallTimes, wall: number): number | null {
  const first = wall - modulo(wall, DAY_MS);
  for (let day = 0; day < MAX_DAYS; day++) {
    const midnight = first + day * DAY_MS;
    if (!times.isDay(midnight)) continue;
    const found = nextInDay(times, day === 0 ? wall - midnight : -1);
    if (found !== null) return midnight + found;
  }
  return null;
}

/** Returns the first time of day after this one, in ms since midnight. */
function nextInDay({ hours, minutes, seconds }: WallTimes, after: number): number | null {
  for (const hour of hours) {
    const atHour = hour * HOUR_MS;
    if (atHour + HOUR_MS <= after) continue;
    for (const minute of minutes) {
      const atMinute = atHour + minute * MINUTE_MS;
      if (atMinute + MINUTE_MS <= after) continue;
      for (const second of seconds) {
        const at = atMinute + second * SECOND_MS;
        if (at > after) return at;
      }
    }
  }
  return null;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

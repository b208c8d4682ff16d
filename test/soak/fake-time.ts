import { setImmediate } from 'node:timers/promises';

/**
 * Time that passes when it is told to. Two clocks: the one on the wall, which may be
 * set forward and back, and the steady one, by which intervals fire and servers live.
 */
export interface FakeTime {
  /** Of the wall, ms since the epoch. */
  now(): number;
  /** The steady one, ms since the epoch, too. */
  steady(): number;
  /** Lets time pass; intervals that come due fire, and what they start is waited for. */
  pass(ms: number): Promise<void>;
  /** Sets the clock on the wall. */
  jump(ms: number): void;
  /** Steady ms since the last jump. */
  sinceJump(): number;
  /** Intervals that begin in there belong to this owner. */
  asOwner<T>(owner: string, work: () => T): T;
  /** The owner's process sleeps: its intervals wait until it wakes, and then fire at once. */
  suspend(owner: string): void;
  wake(owner: string): void;
  /** The owner's process is gone, and its intervals with it. */
  drop(owner: string): void;
  /** Gives the process its own `setInterval` back. */
  uninstall(): void;
}

export interface FakeTimeOptions {
  /** Waits for what an interval has started. */
  readonly afterFire?: () => Promise<unknown>;
  /**
   * Whatever is under way has its time while some passes, second by second, as what is waited for in truth takes no time of
   * the history: else half a minute would go by between a claim and the first beat of its lease.
   */
  readonly isInSteps?: boolean;
  /** Intervals that belong to no owner go by the machine's own time. */
  readonly areOthersReal?: boolean;
}

interface Interval {
  readonly owner: string;
  readonly periodMs: number;
  readonly fire: () => void;
  dueAt: number;
}

const STEP_MS = 1_000;
/** Nothing is under way while more passes. */
const LONGEST_IN_STEPS_MS = 600_000;

/** Where a history's time begins. */
const START = Date.UTC(2026, 0, 5, 8);

/**
 * Takes the place of the global `setInterval`, by which syncs renew their leases
 * and commit once a second: in a history an hour passes in a moment.
 */
export function installFakeTime({
  afterFire = () => setImmediate(),
  areOthersReal = false,
  isInSteps = false,
}: FakeTimeOptions = {}): FakeTime {
  const real = { setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval };
  const intervals = new Set<Interval>();
  const suspended = new Set<string>();
  let steady = START;
  let ahead = 0;
  let jumpedAt = Number.NEGATIVE_INFINITY;
  let owner = '';

  const nextDue = (until: number): Interval | null => {
    let next: Interval | null = null;
    for (const each of intervals) {
      if (each.dueAt > until || suspended.has(each.owner)) continue;
      if (next === null || each.dueAt < next.dueAt) next = each;
    }
    return next;
  };

  const passUntil = async (until: number) => {
    for (let next = nextDue(until); next !== null; next = nextDue(until)) {
      steady = Math.max(steady, next.dueAt);
      next.dueAt = steady + next.periodMs;
      next.fire();
      await afterFire();
    }
    steady = Math.max(steady, until);
  };

  globalThis.setInterval = ((fire: () => void, periodMs: number) => {
    if (areOthersReal && owner === '') return real.setInterval(fire, periodMs);
    const interval = { owner, periodMs, fire, dueAt: steady + periodMs };
    intervals.add(interval);
    return interval;
  }) as unknown as typeof setInterval;
  globalThis.clearInterval = ((interval: Interval & NodeJS.Timeout) => {
    if (!intervals.delete(interval)) real.clearInterval(interval);
  }) as unknown as typeof clearInterval;

  return {
    now: () => steady + ahead,
    steady: () => steady,
    async pass(ms) {
      const until = steady + ms;
      if (isInSteps && ms <= LONGEST_IN_STEPS_MS) {
        for (let next = steady + STEP_MS; next < until; next += STEP_MS) {
          await afterFire();
          await passUntil(next);
        }
        await afterFire();
      }
      await passUntil(until);
    },
    jump(ms) {
      ahead += ms;
      jumpedAt = steady;
    },
    sinceJump: () => steady - jumpedAt,
    asOwner(name, work) {
      const before = owner;
      owner = name;
      try {
        return work();
      } finally {
        owner = before;
      }
    },
    suspend: (name) => void suspended.add(name),
    wake: (name) => void suspended.delete(name),
    drop(name) {
      suspended.delete(name);
      for (const each of intervals) if (each.owner === name) intervals.delete(each);
    },
    uninstall() {
      Object.assign(globalThis, real);
    },
  };
}

/** The real ones, whatever is faked later. */
const {
  setImmediate: afterThisTurn,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  Date: RealDate,
} = globalThis;
const REAL = { setTimeout, clearTimeout, setInterval, clearInterval, Date: RealDate };

/** A timer that is set, as far as its owner uses what Node would answer. */
interface FakeTimer {
  readonly id: number;
  /** When it fires, by the time that has passed. */
  at: number;
  /** How often it fires; null for once. */
  readonly everyMs: number | null;
  readonly call: () => void;
  unref(): FakeTimer;
}

/** Those that are set, the next one last. */
let timers: FakeTimer[] = [];
let made = 0;
/** In ms; it goes on evenly, whatever the clock is set to. */
let passed = 0;
/** What the clock shows, less `passed`. */
let clockAhead = 0;

/** The constructor, but that a date of no given time is that of the faked clock. */
class FakeDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [FakeDate.now()] : given) as [number]));
  }
  static override now = () => passed + clockAhead;
}

/**
 * Fakes timers and clocks, until `useRealTime`; time passes by `passFakeTime` alone. Vitest's fake timers, which do the same, look
 * through all that are set several times for each one that fires, and wait a millisecond of real time after each: an hour of
 * two timers a second takes a fraction of a second instead of eight seconds.
 */
export function useFakeTime(now: number | Date): void {
  timers = [];
  passed = 0;
  setFakeClock(now);
  const clear = (timer: FakeTimer | undefined) => {
    if (timer !== undefined && timers[placeOf(timer)] === timer) timers.splice(placeOf(timer), 1);
  };
  Object.assign(globalThis, {
    Date: FakeDate,
    setTimeout: (call: Call, ms?: number, ...given: readonly unknown[]) => set(() => call(...given), ms, null),
    setInterval: (call: Call, ms = 1, ...given: readonly unknown[]) => set(() => call(...given), ms, Math.max(1, ms)),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Object.defineProperty(performance, 'now', { value: () => passed, configurable: true });
}

type Call = (...given: readonly unknown[]) => void;

/** Ends what `useFakeTime` began; timers that are still set never fire. */
export function useRealTime(): void {
  Object.assign(globalThis, REAL);
  Reflect.deleteProperty(performance, 'now');
}

/** Sets the faked clock forward or back. No time passes by that. */
export function setFakeClock(now: number | Date): void {
  clockAhead = Number(now) - passed;
}

/** How many faked timers are set. */
export const fakeTimerCount = () => timers.length;

/** Lets so many milliseconds of faked time pass, moment by moment, and lets promises settle after each. */
export async function passFakeTime(ms: number): Promise<void> {
  const end = passed + ms;
  await settle();
  for (let next = timers.at(-1); next !== undefined && next.at <= end; next = timers.at(-1)) {
    passed = Math.max(passed, next.at);
    fireAllDue();
    await settle();
  }
  passed = end;
}

const settle = () => new Promise<void>((resolve) => void afterThisTurn(resolve));

function fireAllDue(): void {
  for (let due = timers.at(-1); due !== undefined && due.at <= passed; due = timers.at(-1)) {
    timers.pop();
    if (due.everyMs !== null) {
      due.at += due.everyMs;
      insert(due);
    }
    due.call();
  }
}

function set(call: () => void, ms: number | undefined, everyMs: number | null): FakeTimer {
  const timer: FakeTimer = { id: made++, at: passed + Math.max(1, ms ?? 1), everyMs, call, unref: () => timer };
  insert(timer);
  return timer;
}

function insert(timer: FakeTimer): void {
  timers.splice(placeOf(timer), 0, timer);
}

/** Where a timer is or, if it isn't among them, belongs: of one moment, the one that was set first fires first. */
function placeOf(timer: FakeTimer): number {
  let from = 0;
  let to = timers.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const other = timers[middle];
    if (other !== undefined && (timer.at < other.at || (timer.at === other.at && timer.id < other.id)))
      from = middle + 1;
    else to = middle;
  }
  return from;
}

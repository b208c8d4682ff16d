import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { Session } from './database.js';

/** Time as the database has it, without asking it each time. */
export interface DatabaseClock {
  /** The time of the database in whole ms since the epoch. */
  readonly now: Clock;
  /** Measures no longer. */
  close(): Promise<void>;
}

/** What a clock is made of. All times are ms. */
export interface ClockParts {
  /** Asks the database for its time since the epoch. */
  readonly ask: () => Promise<number>;
  /** The host's monotonic clock, which goes on at the same pace whatever its wall clock is set to. */
  readonly monotonic: Clock;
  /** The host's wall clock, which is only asked if it has jumped. */
  readonly wall: Clock;
  readonly sleep: Sleep;
}

/** Asks a database for its time in ms since the epoch: the present one, not that of the beginning of a transaction. */
export async function askTime(session: Session): Promise<number> {
  const row = await session.row<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
  );
  if (row === undefined) throw new Error('a SELECT without FROM has one row');
  return row.now;
}

const MEASURED_EVERY_MS = 60_000;
const TRIED_AGAIN_AFTER_MS = 1_000;
/** The first one may have to open the connection, which takes longer than an answer. */
const FIRST_MEASUREMENTS = 3;
/** Clocks that a time server slows or hurries may go apart by this share: 30 ms a minute. */
const DRIFT = 0.0005;
/** A wall clock that has jumped was set, or the host has slept, which its monotonic clock may not have noticed. */
const JUMP_MS = 1_000;

/** What the database's clock was found to be. */
interface Measurement {
  /** What has to be added to the monotonic clock. */
  readonly offset: number;
  /** By how much that may have been wrong. */
  readonly error: number;
  /** When, by the monotonic clock. */
  readonly at: number;
}

/**
 * Opens a clock that follows the database's: it is measured now and every minute, and goes on by the host's monotonic
 * clock in between. It may go back by the error of a measurement. Rejects if the database can't be asked; if it can't
 * later on, the clock goes on as it was measured last.
 */
export async function openDatabaseClock({ ask, monotonic, wall, sleep }: ClockParts): Promise<DatabaseClock> {
  const measure = async (): Promise<Measurement> => {
    const asked = monotonic();
    const told = await ask();
    const answered = monotonic();
    return { offset: told - (asked + answered) / 2, error: (answered - asked) / 2, at: answered };
  };
  const ahead = () => wall() - monotonic();

  let known = await measure();
  for (let more = 1; more < FIRST_MEASUREMENTS; more++) known = better(known, await measure());
  let wasAhead = ahead();
  let isClosed = false;
  let resting = new AbortController();

  const follow = async () => {
    let pause = MEASURED_EVERY_MS;
    for (;;) {
      await sleep(pause, resting.signal).catch(() => undefined);
      if (isClosed) return;
      resting = new AbortController();
      wasAhead = ahead();
      const next = await measure().catch(() => null);
      if (next !== null) known = better(known, next);
      pause = next === null ? TRIED_AGAIN_AFTER_MS : MEASURED_EVERY_MS;
    }
  };
  const following = follow();

  return {
    now: () => {
      const at = monotonic();
      if (Math.abs(wall() - at - wasAhead) > JUMP_MS) resting.abort();
      return Math.floor(at + known.offset);
    },
    async close() {
      isClosed = true;
      resting.abort();
      await following;
    },
  };
}

/**
 * Returns the measurement that is more certain by now. If both can't be true, the database has another time than it had,
 * as after a fail-over: then it is the later one.
 */
function better(before: Measurement, next: Measurement): Measurement {
  const error = before.error + DRIFT * (next.at - before.at);
  const isContradiction = Math.abs(next.offset - before.offset) > error + next.error;
  return isContradiction || next.error <= error ? next : before;
}

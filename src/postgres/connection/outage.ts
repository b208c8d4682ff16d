import { OvadexError, PassingTrouble } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Database } from './database.js';

/** What tells whether a database can be reached. All times are ms. */
export interface OutageParts {
  /** Whether the line to the database is good at this moment. */
  readonly isProven: () => boolean;
  readonly monotonic: Clock;
  /** Called each time that the database has turned out to be away, or to be back. */
  readonly onTurn?: (isAway: boolean) => void;
}

/** Whether a database is away, as its answers tell. */
export interface Outage {
  /** Whether it is known to be away, or hasn't answered for a second over a line that isn't good either. */
  isAway(): boolean;
  /**
   * Returns what `read` returns, for somebody who has something else if it takes too long: rejects with OvadexError `index`
   * as soon as `isAway`.
   */
  briefly<T>(read: () => Promise<T>): Promise<T>;
  /** Returns what `read` returns; rejects with OvadexError `index` as soon as the database is known to be away. */
  ask<T>(read: () => Promise<T>): Promise<T>;
  /** Runs what may write, whose end can't be told before it is over; rejects at once if the database is known to be away. */
  send<T>(write: () => Promise<T>): Promise<T>;
  /** To be called when the line is good again. */
  noteProven(): void;
  /** To be called when the line has broken or could not be opened: another way to the database tells more. */
  look(read: () => Promise<unknown>): Promise<void>;
}

/** While nothing else is known, somebody who could have a list of a moment ago doesn't wait longer for a newer one. */
const UNSURE_FOR_MS = 1_000;
/** Timers are that late on a busy machine. */
const STOOD_STILL_MS = 250;

/** Creates the record of outages; at first the database is taken to be there. */
export function createOutage({ isProven, monotonic, onTurn = () => undefined }: OutageParts): Outage {
  let isKnown = false;
  let isSuspected = false;
  /** What ends each question under way, once the database is known to be away. */
  const waiting = new Set<() => void>();
  const turn = (isAway: boolean) => {
    isSuspected = false;
    if (isKnown === isAway) return;
    isKnown = isAway;
    onTurn(isAway);
    if (isAway) for (const giveUp of [...waiting]) giveUp();
  };
  const away = () => new PassingTrouble('the database can not be reached at present');

  /** Asks until the database is known to be away, or `onSilence` gives it up. */
  const asking = <T>(read: () => Promise<T>, onSilence: ((giveUp: () => void) => void) | null): Promise<T> =>
    new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const over = () => {
        clearTimeout(timer);
        waiting.delete(giveUp);
      };
      const giveUp = () => {
        over();
        reject(away());
      };
      const listen = (told: (giveUp: () => void) => void) => {
        const due = monotonic() + UNSURE_FOR_MS;
        timer = setTimeout(() => {
          // With a good line the server works at it. If this process stood still, the answer may be here unread.
          if (isProven() || monotonic() - due > STOOD_STILL_MS) listen(told);
          else told(giveUp);
        }, UNSURE_FOR_MS);
      };
      waiting.add(giveUp);
      if (onSilence !== null) listen(onSilence);
      read().then(
        (answer) => {
          over();
          turn(false);
          resolve(answer);
        },
        (error: unknown) => {
          over();
          // With a good line it is trouble of this question, or of the pool.
          if (error instanceof OvadexError && error.code === 'index' && !isProven()) turn(true);
          reject(error);
        },
      );
    });

  const isAway = () => isKnown || (isSuspected && !isProven());
  const suspect = (giveUp: () => void) => {
    isSuspected = true;
    giveUp();
  };
  return {
    isAway,
    briefly: (read) => (isAway() ? Promise.reject(away()) : asking(read, suspect)),
    ask: (read) => (isKnown ? Promise.reject(away()) : asking(read, null)),
    send: (write) => (isKnown ? Promise.reject(away()) : write()),
    noteProven: () => turn(false),
    look: (read) =>
      asking(read, (giveUp) => {
        turn(true);
        giveUp();
      }).then(
        () => undefined,
        () => undefined,
      ),
  };
}

/** Returns a database whose readers learn at once when it is away. */
export function askedBy(outage: Outage, db: Database): Database {
  return {
    rows: (sql, values) => outage.ask(() => db.rows(sql, values)),
    row: (sql, values) => outage.ask(() => db.row(sql, values)),
    run: (sql, values) => outage.send(() => db.run(sql, values)),
    read: (work) => outage.ask(() => db.read(work)),
    write: (work) => outage.send(() => db.write(work)),
    hold: (idleMs) => outage.send(() => db.hold(idleMs)),
    close: () => db.close(),
  };
}

import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { Changes } from '../../domain/ports/image-catalogue.js';
import { createProofs, type Moment } from './proofs.js';

/** What others have written; `tokens ended`: some that were good may be so no longer. */
export type Told = 'nothing' | 'written' | 'tokens ended';

/** A connection that is asked for nothing but what was written. */
export interface Line {
  /**
   * Returns what was written that readers can see: committed after the last time this was asked or the line was opened, and
   * before now. If nothing was, the answer comes once something is, within 20 ms, or after `waitMs`. Rejects if the line is
   * broken, or after some seconds.
   */
  beat(waitMs: number): Promise<Told>;
  /** Gives it up without waiting for anything: a beat under way rejects. It may be called again. */
  end(): void;
}

/**
 * Opens a line; `onLost` is called once it is broken. Rejects if that takes some seconds, or once the signal is aborted.
 */
export type OpenLine = (onLost: () => void, signal: AbortSignal) => Promise<Line>;

/** What stamps are made of. All times are ms. */
export interface ChangesParts {
  readonly openLine: OpenLine;
  /** The host's monotonic clock. */
  readonly monotonic: Clock;
  /** The host's wall clock, which is ahead of the monotonic one after the host has slept. */
  readonly wall: Clock;
  readonly sleep: Sleep;
  /** Called with each proof that nothing was missed. */
  readonly onProven?: () => void;
  /** Called each time that the line has broken or could not be opened; `wasGood`: it was good before. */
  readonly onTrouble?: (wasGood: boolean) => void;
}

/** The stamps of an index that several hosts write. */
export interface FollowedChanges extends Changes {
  /** Whether it is certain that nothing was missed. */
  isProven(): boolean;
  /** Returns how many ms ago it was last certain that nothing had been written since a stamp; see `IndexOutage`. */
  ageOf(stamp: number): number;
  /** Whether tokens have ended since a stamp, or may have unseen; see `IndexOutage`. */
  mayHaveEnded(stamp: number): boolean;
  /** Has nothing been certain of all stamps until now. */
  distrust(): void;
  close(): Promise<void>;
}

/**
 * How old the last proof may be that nothing was missed. No answer is older than 250 ms; the rest is for giving it. A
 * round trip may take half of it.
 */
const PROVEN_FOR_MS = 240;
/**
 * While stamps are asked for, the server waits with its answer for something to be written: for a host, each answer costs as
 * much as several prepared lists, most of it for being woken.
 */
const LONGEST_WAIT_MS = 45;
/** A proof is to last until the answer after the next one, even if this process comes to read that so much later. */
const READ_WITHIN_MS = 100;
const IDLE_AFTER_MS = 300;
const IDLE_BEAT_EVERY_MS = 100;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Follows what is written by a line of its own, which is opened again whenever it breaks. A stamp lags at most 250 ms
 * behind a commit: unless a beat that set out later than that has returned, each call returns a new one.
 */
export function followChanges(parts: ChangesParts): FollowedChanges {
  const { openLine, monotonic, wall, sleep, onProven, onTrouble } = parts;
  const proofs = createProofs(monotonic, wall);
  let stamp = 0;
  /** A token that was found good under an earlier stamp may have ended. */
  let endedIn = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** Whatever was committed before this moment has been told. */
  let proof: Moment | null = null;
  let isClosed = false;
  let giveUp = () => {};

  const now = (): Moment => ({ monotonic: monotonic(), wall: wall() });
  const isProven = () =>
    proof !== null && monotonic() - proof.monotonic <= PROVEN_FOR_MS && wall() - proof.wall <= PROVEN_FOR_MS;

  /** Keeps a line until it breaks or is given up; returns whether it was ever any good. */
  const keepLine = async (): Promise<boolean> => {
    const over = new AbortController();
    let line: Line | null = null;
    let isGood = false;
    giveUp = () => {
      // A former line has nothing to say of the next one.
      if (over.signal.aborted) return;
      proof = null;
      over.abort();
      line?.end();
    };
    try {
      let setOut = now();
      /** What an answer took beside the waiting. */
      let tripMs = 0;
      line = await openLine(giveUp, over.signal);
      // Nobody has asked for what was committed before.
      stamp += 1;
      endedIn = stamp;
      for (; !over.signal.aborted; isGood = true) {
        proof = setOut;
        proofs.note(stamp, setOut);
        onProven?.();
        const isIdle = monotonic() - askedAt >= IDLE_AFTER_MS;
        if (isIdle) await sleep(Math.max(0, IDLE_BEAT_EVERY_MS - (monotonic() - setOut.monotonic)), over.signal);
        setOut = now();
        const waitMs = isIdle ? 0 : waitWith(tripMs);
        const told = await line.beat(waitMs);
        if (told === 'nothing') tripMs = monotonic() - setOut.monotonic - waitMs;
        else stamp += 1;
        if (told === 'tokens ended') endedIn = stamp;
      }
    } catch {
      // It is tried again until it is closed; what that means for readers, each stamp says.
    }
    giveUp();
    line?.end();
    return isGood;
  };

  const follow = async () => {
    let pause = FIRST_PAUSE_MS;
    while (!isClosed) {
      const wasGood = await keepLine();
      if (wasGood) pause = FIRST_PAUSE_MS;
      if (isClosed) return;
      onTrouble?.(wasGood);
      const waiting = new AbortController();
      giveUp = () => waiting.abort();
      await sleep(pause, waiting.signal).catch(() => undefined);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  };
  const following = follow();

  return {
    current: () => {
      askedAt = monotonic();
      if (!isProven()) stamp += 1;
      return stamp;
    },
    isProven,
    ageOf: proofs.ageOf,
    mayHaveEnded: (since) => since < endedIn,
    distrust: proofs.clear,
    async close() {
      isClosed = true;
      giveUp();
      await following;
    },
  };
}

/** How long the server may wait with an answer whose trip takes so long. */
function waitWith(tripMs: number): number {
  return Math.max(0, Math.min(LONGEST_WAIT_MS, (PROVEN_FOR_MS - READ_WITHIN_MS) / 2 - tripMs));
}

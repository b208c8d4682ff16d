import type { Clock } from '../../domain/ports.js';
import type { Sleep } from '../transport/sleep.js';
import { createWaitingLine, type End } from '../transport/waiting-line.js';
import { faster, slower, UNPACED } from './pace.js';
import { isGivenUp, pauseAfter } from './refusal.js';

/** Lets requests through to a host, as many and as fast as it takes them, first come, first served. */
export interface Gate {
  /**
   * Waits for a place; `front`: one that was refused goes before those that were never sent. Rejects with the signal's
   * reason when it is aborted.
   */
  enter(signal: AbortSignal, end?: End): Promise<Entry>;
  /** Requests that the host has let through. */
  readonly letThrough: number;
  /** Whether anybody waits. */
  readonly isWanted: boolean;
  /** While the host is given up: what those who waited were told. Whoever comes tries it once more behind the pause. */
  readonly refusal: string | null;
}

export type Entry =
  /** `isProbe`: it goes alone, behind a pause, to find out whether the host has had enough of it. */
  | { readonly leave: Leave; readonly isProbe: boolean }
  /** The host has refused everything for long, in these words; it isn't asked for this one. */
  | { readonly refusal: string };

/** Gives the place back, once. */
export type Leave = (result: Result) => void;

/** What the host made of a request: it took it in, well or badly; it failed in between; or it has too much to do. */
export type Result = 'let through' | 'failed' | Refused;

export interface Refused {
  /** What it asks for, in ms from now; null where it doesn't say. */
  readonly askedMs: number | null;
  readonly detail: string;
  /** How often it was refused as a probe before, others having been let through since: not the fault of how many there are. */
  readonly ownRefusals: number;
}

/**
 * So many good answers while others wait for a place let one more request in at once. At a host that allows 60 requests a second, 800 listings of
 * two spaces met 22 refusals this way, 75 with a step of 8, and 203 without any slowing down, in the same time; a
 * step of 256 saved none of the 22.
 */
const GOOD_ANSWERS_FOR_ONE_MORE = 64;
/** However busy the host says it is, one at a time goes on: less would be the pause's work. */
const LEAST_AT_ONCE = 1;
/** Over so many good answers the pace is measured: a second or less of a crawl. */
const MEASURED_ANSWERS = 16;

/** The host isn't left alone for more than a second because of one request: enough where it takes two a second. */
const MOST_FOR_ONE = 3;

/** Nobody asks for so long between two requests of one crawl; such a time says nothing of the host. */
const IDLE_MS = 1_000;

/**
 * A host that refuses for load is left alone for a pause that grows with its refusals in a row. Then one request alone finds
 * out; once it is let through, half as many as before are let in at once, and not faster than the host has taken them.
 *
 * The queue is as long as the callers are many: the crawl bounds the collections in flight. By a wall clock that is
 * set back by a day a pause would last a day.
 */
export function createGate(options: { limit: number; steadyClock: Clock; sleep: Sleep; random: () => number }): Gate {
  const { limit, steadyClock, sleep, random } = options;
  const line = createWaitingLine<string | null>();
  let inFlight = 0;
  let atOnce = limit;
  let goodAnswers = 0;
  /** Somebody waits for nothing but a place. */
  let isCramped = false;
  let letThrough = 0;
  let pace = UNPACED;
  let lastEntryAt = Number.NEGATIVE_INFINITY;
  /** When the last one left while nobody waited. */
  let idleSince = Number.POSITIVE_INFINITY;
  /** The last refusal and the good answers since then. */
  let measured: number[] = [];
  let pausedUntil = 0;
  /** Pauses so far: whoever entered before the last one has nothing new to say. */
  let pauses = 0;
  let refusedInARow = 0;
  let refusedSince = 0;
  let isAlive = false;
  let isProbing = false;
  /** The probe under way set out while nothing else was: no other can have taken its place at the host. */
  let isAlone = false;
  let refusal: string | null = null;
  /** Rings when the next one may enter; aborted when nobody waits for that any more. */
  let alarm: { readonly at: number; readonly controller: AbortController } | null = null;

  const opensAt = () => Math.max(pausedUntil, lastEntryAt + pace.everyMs);
  const hasPlace = () => inFlight < atOnce && !isProbing;
  const take = (now: number) => {
    if (now - idleSince > IDLE_MS) {
      measured = [now];
      pace = { ...pace, provenMs: UNPACED.provenMs };
    }
    idleSince = Number.POSITIVE_INFINITY;
    inFlight++;
    lastEntryAt = now;
    isProbing = refusedInARow > 0;
    isAlone = inFlight === 1;
  };
  const advance = () => {
    // Read once: where it opened between two readings, nobody would be let in and no alarm be set.
    const now = steadyClock();
    while (hasPlace() && now >= opensAt() && line.length > 0) {
      take(now);
      line.admit(null);
    }
    isCramped = line.length > 0 && inFlight >= atOnce && now >= opensAt();
    if (line.length === 0 || (alarm !== null && alarm.at !== opensAt())) silence();
    if (line.length > 0 && alarm === null && now < opensAt()) setAlarm(opensAt(), now);
  };
  const silence = () => {
    alarm?.controller.abort();
    alarm = null;
  };
  const setAlarm = (at: number, now: number) => {
    const controller = new AbortController();
    alarm = { at, controller };
    const ring = () => {
      if (alarm?.controller !== controller) return;
      alarm = null;
      advance();
    };
    // Whole ones: by a clock of large numbers a fraction may be nothing.
    sleep(Math.ceil(at - now), controller.signal).then(ring, ring);
  };

  const recover = (isNew: boolean) => {
    letThrough++;
    isAlive = true;
    if (isNew) {
      refusedInARow = 0;
      refusal = null;
    }
    measured = [...measured.slice(-MEASURED_ANSWERS), steadyClock()];
    pace = faster(pace);
    if (isCramped) goodAnswers++;
    if (goodAnswers < GOOD_ANSWERS_FOR_ONE_MORE || atOnce === limit) return;
    goodAnswers = 0;
    atOnce++;
  };
  const slowDown = (now: number) => {
    atOnce = Math.max(LEAST_AT_ONCE, Math.floor(atOnce / 2));
    goodAnswers = 0;
    const answers = measured.length - 1;
    pace = slower(pace, answers > 0 ? { answers, everyMs: (now - (measured[0] ?? now)) / answers } : null);
    measured = [now];
  };
  const noteRefusal = ({ askedMs, detail, ownRefusals }: Refused, isNew: boolean) => {
    const now = steadyClock();
    if (isNew) {
      pauses++;
      refusedInARow++;
      if (refusedInARow === 1) refusedSince = now;
      if (ownRefusals === 0) slowDown(now);
    }
    isAlive ||= askedMs !== null;
    // One refused again and again may have come too soon behind the others each time: its probe gets a longer pause.
    const inARow = refusedInARow === 1 ? Math.max(1, Math.min(ownRefusals, MOST_FOR_ONE)) : refusedInARow;
    const pauseMs = isNew ? pauseAfter(inARow, askedMs ?? 0, random) : (askedMs ?? 0);
    pausedUntil = Math.max(pausedUntil, now + pauseMs);
    if (!isNew || !isGivenUp({ inARow: refusedInARow, forMs: now - refusedSince, isAlive })) return;
    refusal = `${detail}; the host has refused ${refusedInARow} requests in a row and is left alone`;
    while (line.admit(refusal));
  };

  return {
    get letThrough() {
      return letThrough;
    },
    get refusal() {
      return refusal;
    },
    get isWanted() {
      return line.length > 0;
    },
    async enter(signal, end) {
      signal.throwIfAborted();
      const now = steadyClock();
      if (line.length === 0 && hasPlace() && now >= opensAt()) take(now);
      else {
        const turn = line.wait(signal, end);
        advance();
        const word = await turn.catch((reason: unknown) => {
          advance(); // nobody may be left to ring for
          throw reason;
        });
        if (word !== null) return { refusal: word };
      }
      const entered = pauses;
      let hasLeft = false;
      return {
        isProbe: isProbing && isAlone,
        leave(result) {
          if (hasLeft) return;
          hasLeft = true;
          inFlight--;
          const isNew = entered === pauses;
          if (isNew) isProbing = false;
          if (result === 'let through') recover(isNew);
          else if (result !== 'failed') noteRefusal(result, isNew);
          if (inFlight === 0 && line.length === 0) idleSince = steadyClock();
          advance();
        },
      };
    },
  };
}

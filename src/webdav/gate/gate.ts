import type { Clock } from '../../domain/ports/clock.js';
import type { Sleep } from '../transport/sleep.js';
import { createWaitingLine, type End } from '../transport/waiting-line.js';
import { faster, slower, UNPACED } from './pace.js';
import { isGivenUp, pauseAfter } from './refusal.js';
import type { Places } from './shared-places.js';

/** Admits requests to a host, as many and as fast as it can take, first come, first served. */
export interface Gate {
  /**
   * Waits for a place. At the `front`, a refused request goes before those that were never sent; what is `last`, such as
   * a look into a file, goes behind all listings. Rejects with the signal's reason if aborted.
   */
  enter(signal: AbortSignal, end?: End): Promise<Entry>;
  /** Admits no more than this many at a time from now on, and never more again. */
  narrow(limit: number): void;
  /** Number of requests that the host has let through. */
  readonly letThrough: number;
  /** Whether any request is waiting. */
  readonly isWanted: boolean;
  /** Whether requests wait only because others have all places, and none was sent that the host owes an answer. */
  readonly lacksPlaces: boolean;
  /**
   * The message that waiting requests received if the host is given up, otherwise null. The next request tries the host
   * again after the pause.
   */
  readonly refusal: string | null;
}

export type Entry =
  /**
   * Admitted; `isProbe` if nothing else enters until it leaves, to find out whether the host accepts requests again;
   * `isAlone` if nothing else was in flight either, so that no other request can have taken its place at the host.
   */
  | { readonly leave: Leave; readonly isProbe: boolean; readonly isAlone: boolean }
  /** Not admitted: the host has long refused everything, with this message. */
  | { readonly refusal: string };

/** Gives the place back, once. */
export type Leave = (result: Result) => void;

/** The host's reaction to a request: processed, successfully or not; failed on the way; or refused for load. */
export type Result = 'let through' | 'failed' | Refused;

export interface Refused {
  /** The pause that the host asks for, in ms; null if it names none. */
  readonly askedMs: number | null;
  readonly detail: string;
  /**
   * How often this request was refused as a probe while others were let through in between, so that load is not the
   * reason; 0 if it may be.
   */
  readonly ownRefusals: number;
}

/**
 * After this many good answers while others wait, one more concurrent request is admitted. At a host that allows 60
 * requests a second, 800 listings of two spaces met 22 refusals this way, 75 with a step of 8, and 203 without any
 * slowing down, in the same time; a step of 256 saved none of the 22.
 */
const GOOD_ANSWERS_FOR_ONE_MORE = 64;
/** However busy the host is, one request at a time is admitted: anything less is the job of the pause. */
const LEAST_AT_ONCE = 1;
/** Number of good answers over which the pace is measured: a second or less of a crawl. */
const MEASURED_ANSWERS = 16;

/** Limits the pause caused by a single request to about a second, which is enough if the host takes two per second. */
const MOST_FOR_ONE = 3;

/** A longer gap between two requests is idle time of the crawl and says nothing about the host. */
const IDLE_MS = 1_000;

/**
 * Creates the gate. A host that refuses for load is left alone for a pause that grows with consecutive refusals. Then a
 * single request probes it; once that is let through, half as many as before are admitted at once, and no faster than
 * the host took them.
 *
 * The queue is bounded by its callers: the crawl limits the collections in flight. The clock is monotonic, since with a
 * wall clock that is set back by a day a pause would last a day.
 */
export function createGate(options: {
  limit: number;
  /** The places there, if others ask the same host; then whatever they meet is heeded here, too. */
  places?: Places | undefined;
  steadyClock: Clock;
  sleep: Sleep;
  random: () => number;
}): Gate {
  const { places, steadyClock, sleep, random } = options;
  let { limit } = options;
  const line = createWaitingLine<string | null>();
  let inFlight = 0;
  let atOnce = limit;
  let goodAnswers = 0;
  /** Whether requests wait only because all places are taken. */
  let isCramped = false;
  let letThrough = 0;
  let pace = UNPACED;
  let lastEntryAt = Number.NEGATIVE_INFINITY;
  /** When the last request left while none was waiting. */
  let idleSince = Number.POSITIVE_INFINITY;
  /** Times of the last refusal and of the good answers since. */
  let measured: number[] = [];
  let pausedUntil = 0;
  /** Number of pauses so far: results of requests that entered before the last one are outdated. */
  let pauses = 0;
  let refusedInARow = 0;
  let refusedSince = 0;
  let isAlive = false;
  let isProbing = false;
  let refusal: string | null = null;
  /** The alarm for the next admission; aborted when nothing waits for it any longer. */
  let alarm: { readonly at: number; readonly controller: AbortController } | null = null;

  const opensAt = () => Math.max(pausedUntil, lastEntryAt + pace.everyMs);
  const hasPlace = () => inFlight < atOnce && !isProbing && (places === undefined || places.hasFree());
  /** Heeds a pause that others have met; after it a single request finds out whether the host accepts requests again. */
  const heedOthers = (now: number) => {
    if (places === undefined || isProbing || places.pausedUntil <= pausedUntil) return;
    pausedUntil = places.pausedUntil;
    if (pausedUntil <= now || refusedInARow > 0) return;
    pauses++;
    refusedInARow = 1;
    refusedSince = now;
  };
  const take = (now: number) => {
    if (now - idleSince > IDLE_MS) {
      measured = [now];
      pace = { ...pace, provenMs: UNPACED.provenMs };
    }
    idleSince = Number.POSITIVE_INFINITY;
    inFlight++;
    places?.take();
    lastEntryAt = now;
    isProbing = refusedInARow > 0;
  };
  const advance = () => {
    // Read once: if the gate opened between two readings, nothing would be admitted and no alarm set.
    const now = steadyClock();
    heedOthers(now);
    while (hasPlace() && now >= opensAt() && line.length > 0) {
      take(now);
      line.admit(null);
    }
    isCramped = line.length > 0 && inFlight >= atOnce && now >= opensAt();
    if (line.length === 0 || (alarm !== null && alarm.at !== opensAt())) silence();
    if (line.length > 0 && alarm === null && now < opensAt()) setAlarm(opensAt(), now);
    places?.want(advance, line.length);
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
    // Whole milliseconds: with large clock values a fraction may be lost.
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
    // A request refused repeatedly may each time have followed too soon after others, so its probe gets a longer pause.
    const inARow = refusedInARow === 1 ? Math.max(1, Math.min(ownRefusals, MOST_FOR_ONE)) : refusedInARow;
    const pauseMs = isNew ? pauseAfter(inARow, askedMs ?? 0, random) : (askedMs ?? 0);
    pausedUntil = Math.max(pausedUntil, now + pauseMs);
    if (ownRefusals === 0 || askedMs !== null) places?.pause(pauseMs);
    if (!isNew || !isGivenUp({ inARow: refusedInARow, forMs: now - refusedSince, isAlive })) return;
    refusal = `${detail}; the host has refused ${refusedInARow} requests in a row and is left alone`;
    while (line.admit(refusal));
  };

  return {
    narrow(to) {
      limit = Math.min(limit, to);
      places?.narrow(to);
      atOnce = Math.min(atOnce, limit);
    },
    get letThrough() {
      return letThrough;
    },
    get refusal() {
      return refusal;
    },
    get isWanted() {
      return line.length > 0;
    },
    get lacksPlaces() {
      if (places === undefined || line.length === 0 || inFlight > 0) return false;
      return !places.hasFree() && steadyClock() >= opensAt();
    },
    async enter(signal, end) {
      signal.throwIfAborted();
      const now = steadyClock();
      heedOthers(now);
      if (line.length === 0 && hasPlace() && now >= opensAt()) take(now);
      else {
        const turn = line.wait(signal, end);
        advance();
        const word = await turn.catch((reason: unknown) => {
          advance(); // the alarm may no longer be needed
          throw reason;
        });
        if (word !== null) return { refusal: word };
      }
      const entered = pauses;
      let hasLeft = false;
      return {
        isProbe: isProbing,
        isAlone: inFlight === 1,
        leave(result) {
          if (hasLeft) return;
          hasLeft = true;
          inFlight--;
          places?.leave(advance);
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

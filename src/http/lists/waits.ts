import { setImmediate } from 'node:timers/promises';
import { signOf } from '../../domain/lists/wait.js';
import type { WaitingCounts } from '../../domain/model/measurements.js';
import type { Space } from '../../domain/model/space.js';
import type { Changes, ImageCatalogue } from '../../domain/ports/image-catalogue.js';

/** Whether anybody has written costs a microsecond to ask, so that a change is told within a tenth of a second. */
const LOOK_EVERY_MS = 100;
/** A look at thousands of spaces takes milliseconds: it may take up to a twentieth of the time, ... */
const REST_FACTOR = 20;
/** ... unless a change were told later than half a second for that. Ten thousand spaces take some 50 ms. */
const REST_AT_MOST_MS = 500;
/** Spaces looked at in one turn of the event loop, which takes a millisecond. */
const ASKED_AT_ONCE = 250;
/** Clients woken in one turn of the event loop, which takes some milliseconds; others' requests come in between. */
const WOKEN_AT_ONCE = 50;
/** A waiting client takes some kilobytes. */
const WAITS_AT_MOST = 20_000;
/** Proxies end a connection on which nothing comes, the strictest in common use after 30 seconds. */
const BEAT_EVERY_MS = 15_000;

interface Waiting {
  readonly user: string;
  readonly sign: string;
  readonly until: number;
  readonly wake: () => void;
  /** Called every BEAT_EVERY_MS; null: the client expects nothing before it is woken. */
  readonly beat: (() => void) | null;
  nextBeat: number;
  /** Whether it was told a list that nobody could compare with the index: it is woken once somebody can. */
  readonly isUnasked: boolean;
}

/** A place among those who wait that is kept between one wait and the next. */
export interface Place {
  /** Resolves once the user's list is another one than that of this space, after so many seconds, or when the place is left. */
  forOther(space: Space | null, seconds: number, beat: () => void): Promise<void>;
  /** Makes room for others; may be called again. */
  leave(): void;
}

/** Clients that wait for another list than the one that they have. */
export interface Waits {
  /**
   * Calls `wake` once the user's list is another one than that of this space, after so many seconds, or at a stop; never if
   * the client goes before. Returns false if too many wait already. `isUnasked`: it has a list that nobody could compare with
   * the index, and is woken once the index can be read again.
   */
  forOther(
    user: string,
    space: Space | null,
    seconds: number,
    wake: () => void,
    whenGone: (gone: () => void) => void,
    isUnasked?: boolean,
  ): boolean;
  /** Gives the user a place for as long as it is wanted; null if too many wait already. `end` is called at a stop. */
  place(user: string, end: () => void): Place | null;
  /** Has a function called at a stop; at once if that has been. */
  atEnd(end: () => void): void;
  /** Wakes everybody, and lets nobody wait any more. */
  end(): void;
  /** Whether they have ended: whoever was woken by that has not waited as long as it would. */
  isEnded(): boolean;
  /** A stamp of `Changes`, read anew. */
  stamp(): number;
  /** How many wait at this very moment. */
  count(): number;
  /** How many have a place, which a stream keeps while it tells something. */
  counts(): WaitingCounts;
}

/** Everything that waits takes, so that tests need no time. */
export interface WaitsDeps {
  readonly catalogue: Pick<ImageCatalogue, 'spacesOf'>;
  readonly changes: Changes;
  /** How many of one user may wait. */
  readonly perUser: number;
  /** Whether what is in memory is served in place of an index that is away. */
  readonly isServingStale?: () => boolean;
  readonly steadyClock?: () => number;
}

/** Creates the waits of a server. While anybody waits, one timer looks whether anybody has written. */
export function createWaits(deps: WaitsDeps): Waits {
  const { catalogue, changes, perUser, isServingStale = () => false, steadyClock = () => performance.now() } = deps;
  const waiting = new Set<Waiting>();
  /** What ends each place that is kept. */
  const ends = new Set<() => void>();
  /** Of those who take no place. */
  const atEnds = new Set<() => void>();
  let taken = 0;
  const ofUser = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let isEnded = false;
  /** Under this stamp all were looked at but those who have come since. */
  let seen: number | null = null;
  let newcomers: Waiting[] = [];

  const take = (user: string): boolean => {
    const own = ofUser.get(user) ?? 0;
    if (isEnded || own >= perUser || taken >= WAITS_AT_MOST) return false;
    taken++;
    ofUser.set(user, own + 1);
    return true;
  };
  const giveBack = (user: string) => {
    taken--;
    const left = (ofUser.get(user) ?? 1) - 1;
    if (left === 0) ofUser.delete(user);
    else ofUser.set(user, left);
  };
  const wakeOne = (one: Waiting) => {
    if (!waiting.delete(one)) return;
    // A stream keeps its place.
    if (one.beat === null) giveBack(one.user);
    one.wake();
  };

  /** Those whose list is another one; `spentMs` is the time of this thread that it took to find them. */
  const findOthers = async (): Promise<{ readonly others: readonly Waiting[]; readonly spentMs: number }> => {
    const stamp = changes.current();
    const asked = stamp === seen ? newcomers : [...waiting];
    // Whoever comes during this look is found by the next one.
    newcomers = [];
    seen = stamp;
    const users = [...new Set(asked.map(({ user }) => user))];
    const signs = new Map<string, string>();
    let spentMs = 0;
    for (let i = 0; i < users.length; i += ASKED_AT_ONCE) {
      if (i > 0) await setImmediate();
      const startedAt = steadyClock();
      for (const space of await catalogue.spacesOf(users.slice(i, i + ASKED_AT_ONCE)))
        signs.set(space.user, signOf(space));
      spentMs += steadyClock() - startedAt;
    }
    const isOther = ({ user, sign, isUnasked }: Waiting) => isUnasked || (signs.get(user) ?? '') !== sign;
    return { others: asked.filter(isOther), spentMs };
  };

  /** Those who are to be told that the index can't be read. Streams tell only news, and go on once there may be some. */
  const findUntold = () => {
    seen = null;
    return isServingStale() ? [...waiting].filter(({ isUnasked, beat }) => !isUnasked && beat === null) : [...waiting];
  };

  /** The first of each user go ahead, so that every list is written once and at hand for the others. */
  const wakeOthers = async (all: readonly Waiting[]) => {
    const first = new Map<string, Waiting>();
    for (const one of all) if (!first.has(one.user)) first.set(one.user, one);
    await wakeInTurn([...first.values()]);
    await setImmediate();
    await wakeInTurn(all);
  };

  const wakeInTurn = async (all: readonly Waiting[]) => {
    for (let i = 0; i < all.length; i += WOKEN_AT_ONCE) {
      if (i > 0) await setImmediate();
      for (const one of all.slice(i, i + WOKEN_AT_ONCE)) wakeOne(one);
    }
  };

  const beatAll = (now: number) => {
    for (const one of waiting) {
      if (one.nextBeat > now) continue;
      one.nextBeat = now + BEAT_EVERY_MS;
      one.beat?.();
    }
  };

  const look = async () => {
    const startedAt = steadyClock();
    beatAll(startedAt);
    // An index that can't be read is told to whoever asks next.
    const { others, spentMs } = await findOthers().catch(() => ({ others: findUntold(), spentMs: 0 }));
    if (others.length > 0) await wakeOthers(others);
    await wakeInTurn([...waiting].filter(({ until }) => until <= startedAt));
    timer = null;
    if (waiting.size === 0) newcomers = [];
    else rest(Math.min(Math.max(LOOK_EVERY_MS, spentMs * REST_FACTOR), REST_AT_MOST_MS));
  };
  const rest = (ms: number) => {
    timer ??= setTimeout(() => void look(), ms);
  };
  const add = (one: Waiting) => {
    waiting.add(one);
    // What was written since the space was read is found by a first look.
    newcomers.push(one);
    rest(LOOK_EVERY_MS);
  };

  return {
    forOther(user, space, seconds, wake, whenGone, isUnasked = false) {
      if (!take(user)) return false;
      const until = steadyClock() + seconds * 1_000;
      const nextBeat = Number.POSITIVE_INFINITY;
      const one = { user, sign: signOf(space), until, wake, beat: null, nextBeat, isUnasked };
      add(one);
      whenGone(() => {
        if (waiting.delete(one)) giveBack(user);
      });
      return true;
    },
    place(user, end) {
      if (!take(user)) return null;
      let one: Waiting | null = null;
      ends.add(end);
      return {
        forOther: (space, seconds, beat) =>
          new Promise((resolve) => {
            if (!ends.has(end)) return resolve();
            const now = steadyClock();
            const until = now + seconds * 1_000;
            const nextBeat = now + BEAT_EVERY_MS;
            one = { user, sign: signOf(space), until, wake: resolve, beat, nextBeat, isUnasked: false };
            add(one);
          }),
        leave() {
          if (!ends.delete(end)) return;
          giveBack(user);
          if (one !== null) wakeOne(one);
        },
      };
    },
    atEnd(end) {
      if (isEnded) end();
      else atEnds.add(end);
    },
    end() {
      isEnded = true;
      if (timer !== null) clearTimeout(timer);
      for (const one of [...waiting]) wakeOne(one);
      for (const end of [...ends, ...atEnds]) end();
    },
    isEnded: () => isEnded,
    stamp: () => changes.current(),
    count: () => waiting.size,
    counts: () => ({ clients: taken - ends.size, streams: ends.size }),
  };
}

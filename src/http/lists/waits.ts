import { setImmediate } from 'node:timers/promises';
import { signOf } from '../../domain/lists/wait.js';
import type { Space } from '../../domain/model/space.js';
import type { Changes, ImageCatalogue } from '../../domain/ports/image-catalogue.js';

/** Whether anybody has written costs a microsecond to ask, so that a change is told within a tenth of a second. */
const LOOK_EVERY_MS = 100;
/** A look at thousands of spaces takes milliseconds: it may take up to a twentieth of the time. */
const REST_FACTOR = 20;
/** Spaces looked at in one turn of the event loop, which takes a millisecond. */
const ASKED_AT_ONCE = 250;
/** Clients woken at once; the others' requests come in between. */
const WOKEN_AT_ONCE = 100;
const WAKE_EVERY_MS = 5;
/** More than a few programs of one user are a mistake; each costs a connection. */
const WAITS_OF_A_USER = 20;
/** A waiting client takes some kilobytes. */
const WAITS_AT_MOST = 20_000;

interface Waiting {
  readonly user: string;
  readonly sign: string;
  readonly until: number;
  readonly wake: () => void;
}

/** Clients that wait for another list than the one that they have. */
export interface Waits {
  /**
   * Resolves once the user's list is another one than that of this space, after so many seconds, when `isGone` is told, or
   * at a stop. Returns null if too many wait already.
   */
  forOther(
    user: string,
    space: Space | null,
    seconds: number,
    whenGone: (gone: () => void) => void,
  ): Promise<void> | null;
  /** Wakes everybody, and lets nobody wait any more. */
  end(): void;
  /** A stamp of `Changes` for whoever has waited. */
  stamp(): number;
  /** How many wait. */
  count(): number;
}

/** Everything that waits takes, so that tests need no time. */
export interface WaitsDeps {
  readonly catalogue: Pick<ImageCatalogue, 'spacesOf'>;
  readonly changes: Changes;
  readonly steadyClock?: () => number;
}

/** Creates the waits of a server. While anybody waits, one timer looks whether anybody has written. */
export function createWaits({ catalogue, changes, steadyClock = () => performance.now() }: WaitsDeps): Waits {
  const waiting = new Set<Waiting>();
  const ofUser = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let isEnded = false;
  let seen: number | null = null;

  const leave = (one: Waiting): boolean => {
    if (!waiting.delete(one)) return false;
    const left = (ofUser.get(one.user) ?? 1) - 1;
    if (left === 0) ofUser.delete(one.user);
    else ofUser.set(one.user, left);
    return true;
  };

  const findOthers = async (): Promise<readonly Waiting[]> => {
    const stamp = changes.current();
    if (stamp === seen) return [];
    // Whoever comes during this look is found by the next one.
    seen = stamp;
    const all = [...waiting];
    const users = [...ofUser.keys()];
    const signs = new Map<string, string>();
    for (let i = 0; i < users.length; i += ASKED_AT_ONCE) {
      if (i > 0) await setImmediate();
      for (const space of await catalogue.spacesOf(users.slice(i, i + ASKED_AT_ONCE)))
        signs.set(space.user, signOf(space));
    }
    return all.filter(({ user, sign }) => (signs.get(user) ?? '') !== sign);
  };

  const wakeInTurn = async (all: readonly Waiting[]) => {
    for (let i = 0; i < all.length; i += WOKEN_AT_ONCE) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, WAKE_EVERY_MS));
      for (const one of all.slice(i, i + WOKEN_AT_ONCE)) if (leave(one)) one.wake();
    }
  };

  const look = async () => {
    const startedAt = steadyClock();
    // An index that can't be read is told to whoever asks next.
    const others = await findOthers().catch(() => [...waiting]);
    const spentMs = steadyClock() - startedAt;
    await wakeInTurn([...others, ...[...waiting].filter(({ until }) => until <= startedAt)]);
    timer = null;
    if (waiting.size > 0) rest(Math.max(LOOK_EVERY_MS, spentMs * REST_FACTOR));
  };
  const rest = (ms: number) => {
    timer ??= setTimeout(() => void look(), ms);
  };

  return {
    forOther(user, space, seconds, whenGone) {
      const own = ofUser.get(user) ?? 0;
      if (isEnded || own >= WAITS_OF_A_USER || waiting.size >= WAITS_AT_MOST) return null;
      return new Promise((resolve) => {
        const one = { user, sign: signOf(space), until: steadyClock() + seconds * 1_000, wake: resolve };
        waiting.add(one);
        ofUser.set(user, own + 1);
        // What was written since the space was read is found by a first look.
        seen = null;
        whenGone(() => {
          if (leave(one)) resolve();
        });
        rest(LOOK_EVERY_MS);
      });
    },
    end() {
      isEnded = true;
      if (timer !== null) clearTimeout(timer);
      for (const one of [...waiting]) if (leave(one)) one.wake();
    },
    stamp: () => changes.current(),
    count: () => waiting.size,
  };
}

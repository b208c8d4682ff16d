import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { ReadingTurns } from '../../domain/ports/storage-places.js';

/** The turns of this process at storages. */
export interface OwnTurns {
  /** Whether it may read of a storage at this moment; asks for the turn if it hasn't got it, or may soon have lost it. */
  isOurs(origin: string): Promise<boolean>;
  /** Waits until it is, and returns whether that took any time; rejects once `signal` is aborted. */
  wait(origin: string, signal: AbortSignal): Promise<boolean>;
  /** Lets others read of a storage. Never rejects: if nobody learns of it, the turn ends by itself. */
  end(origin: string): Promise<void>;
}

export interface TurnsDeps {
  /** null: nobody else reads. */
  readonly turns: ReadingTurns | null;
  /** This process among the others. */
  readonly owner: string;
  readonly steadyClock: Clock;
  readonly sleep: Sleep;
}

/** Longer than most images take, the wait for the rate included: one that takes longer may be read twice, which does no harm. */
export const TURN_LEASE_MS = 60_000;
const RENEWED_AFTER_MS = 15_000;
/** How soon a storage is gone on with that another process has read of: nobody waits for what an image is. */
const ASK_AGAIN_MS = 15_000;

/** Keeps the turns of one process at storages of which several read, so that each image is read once and the rate holds for all. */
export function createOwnTurns({ turns, owner, steadyClock, sleep }: TurnsDeps): OwnTurns {
  const askedAt = new Map<string, number>();
  const asking = new Map<string, Promise<boolean>>();
  const ending = new Map<string, Promise<void>>();

  const ask = async (port: ReadingTurns, origin: string): Promise<boolean> => {
    await ending.get(origin); // else the end of the turn before would be that of this one
    const now = steadyClock();
    const isOurs = await port.take(origin, owner, TURN_LEASE_MS);
    if (isOurs) askedAt.set(origin, now);
    else askedAt.delete(origin);
    return isOurs;
  };

  const isOurs = async (origin: string): Promise<boolean> => {
    if (turns === null) return true;
    const at = askedAt.get(origin);
    if (at !== undefined && steadyClock() - at < RENEWED_AFTER_MS) return true;
    const asked = asking.get(origin) ?? ask(turns, origin).finally(() => asking.delete(origin));
    asking.set(origin, asked);
    return await asked;
  };

  return {
    isOurs,
    async wait(origin, signal) {
      if (await isOurs(origin)) return false;
      do await sleep(ASK_AGAIN_MS, signal);
      while (!(await isOurs(origin)));
      return true;
    },
    async end(origin) {
      if (turns === null || !askedAt.delete(origin)) return;
      const ended = turns.giveBack(origin, owner).catch(() => undefined);
      ending.set(
        origin,
        ended.finally(() => ending.delete(origin)),
      );
      await ended;
    },
  };
}

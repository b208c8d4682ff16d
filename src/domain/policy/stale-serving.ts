import { OvadexError } from '../model/errors.js';

/** How an index that several hosts share is seen while one of them may be unable to reach it. */
export interface IndexOutage {
  /** Whether it can't be read now, as far as is known. */
  isAway(): boolean;
  /** Returns what `read` returns; rejects with OvadexError `index` within a second or so if the index seems to be away. */
  briefly<T>(read: () => Promise<T>): Promise<T>;
  /**
   * Returns how many ms ago it was last certain that nothing had been written since this stamp of `Changes`; infinite if
   * that was more than an hour ago, or if the index has another history since.
   */
  ageOf(stamp: number): number;
  /**
   * Whether a token that was good under this stamp may have ended before the index went away: one was told to have, or nobody
   * could tell for a time.
   */
  mayHaveEnded(stamp: number): boolean;
}

/** Decides what is served although the index can't be asked whether it is still true. */
export interface StaleServing {
  /** Whether the index is away, and whoever asks may be given something all the same. */
  isServing(): boolean;
  /** Reads for somebody who has something else in case the index is away; see `IndexOutage`. */
  briefly<T>(read: () => Promise<T>): Promise<T>;
  /** Whether that which was read under this stamp of `Changes` may be served in place of this error of the index. */
  mayServe(error: unknown, stamp: number): boolean;
  /** Whether a token that was good under this stamp may be taken for good in place of this error: none may once any has ended. */
  mayTrust(error: unknown, stamp: number): boolean;
  /** Counts a list that was served. */
  noteServed(error: unknown): void;
  /** How many were served since the start. */
  served(): number;
}

/**
 * Creates the rule for an index that may be away: what is in memory may be served for `atMostMs` after it was last known
 * to be true. Returns null if nothing ever is.
 */
export function createStaleServing(
  outage: IndexOutage | null,
  { atMostMs, onServed = () => undefined }: { readonly atMostMs: number; readonly onServed?: (error: unknown) => void },
): StaleServing | null {
  if (outage === null || atMostMs === 0) return null;
  let served = 0;
  const mayServe = (error: unknown, stamp: number) =>
    error instanceof OvadexError && error.code === 'index' && isRecent(stamp);
  const isRecent = (stamp: number) => outage.ageOf(stamp) <= atMostMs;
  return {
    isServing: () => outage.isAway() && isRecent(Number.POSITIVE_INFINITY),
    briefly: outage.briefly,
    mayServe,
    mayTrust: (error, stamp) => mayServe(error, stamp) && !outage.mayHaveEnded(stamp),
    noteServed(error) {
      served += 1;
      onServed(error);
    },
    served: () => served,
  };
}

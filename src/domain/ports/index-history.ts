import type { HourRecord, TroubledUsers } from '../diagnosis/history.js';

/** What became of all spaces by hours, and who needs a person now. All reject with OvadexError `index`. */
export interface IndexHistory {
  /**
   * Counts spaces, images and bytes for the hour of this time, and deletes hours that `hoursToDrop` names. In steps, between
   * which others can commit; if `signal` ends it, nothing is noted.
   */
  count(now: number, signal: AbortSignal): Promise<void>;
  /** Returns the hours that are kept, in their order. */
  hours(): Promise<readonly HourRecord[]>;
  /** Returns the first `atMost` users of each kind, in the order of their names. */
  troubled(atMost: number): Promise<TroubledUsers>;
}

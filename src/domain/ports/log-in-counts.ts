import type { Counts } from '../hosts/counted.js';

/** Decides what is counted from now on. It may be asked again, so it does nothing else. */
export type Recount<Result> = (counts: Counts, now: number) => { readonly counts: Counts; readonly result: Result };

/** What log-ins are counted by, for all hosts of an index together. */
export interface LogInCounts {
  /**
   * Counts something as if nobody else counted meanwhile, so that attempts at several hosts at once are no way around a
   * limit. Once very much is counted, what matters no longer than the rest is forgotten first. Rejects with OvadexError
   * `index`.
   */
  change<Result>(keys: readonly string[], recount: Recount<Result>): Promise<Result>;
}

import type { Guess } from './guesses.js';

/** What has been counted of something, such as a user's attempts from one place. */
export interface Counted {
  /** When it no longer matters, in ms since the epoch. */
  readonly until: number;
  readonly used?: number;
  readonly guesses?: readonly Guess[];
}

/** What has been counted of some keys, in their order; null: nothing that matters. */
export type Counts = readonly (Counted | null)[];

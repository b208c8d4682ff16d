import type { ChangeRate } from './change-rate.js';

/** A space in order, as the planning of looks needs it: a look is an incremental sync of a whole space. */
export interface LookSpace {
  readonly user: string;
  readonly rate: ChangeRate;
  /** What a look costs, in requests, at least 1. */
  readonly cost: number;
  readonly lastSuccessAt: number;
  /** When its next look is planned, besides those of the schedules; null if it isn't. */
  readonly pollDueAt: number | null;
  /** Polls are of use to it: its markers prove whole subtrees, and a look at it unchanged takes few requests. */
  readonly isPolled: boolean;
}

import type { Sync, SyncTrigger } from '../model/sync.js';

/** Ended syncs that are kept for each space: about a day of a 15-minute schedule, and requested ones much longer. */
const KEPT_SYNCS = { automatic: 100, asked: 1_000 } as const;

const ASKED_TRIGGERS: readonly SyncTrigger[] = ['request', 'command'];
const AUTOMATIC_TRIGGERS: readonly SyncTrigger[] = ['schedule', 'hint'];

/**
 * Which ended syncs of a space are deleted when another of their kind ends: those with such a trigger, beyond the
 * newest `kept`.
 */
export interface Retention {
  readonly triggers: readonly SyncTrigger[];
  readonly kept: number;
}

/** Returns what to delete once a sync with this trigger has ended. */
export function retentionAfter(trigger: SyncTrigger): Retention {
  if (ASKED_TRIGGERS.includes(trigger)) return { triggers: ASKED_TRIGGERS, kept: KEPT_SYNCS.asked };
  return { triggers: AUTOMATIC_TRIGGERS, kept: KEPT_SYNCS.automatic };
}

/** Returns the ids that such a retention deletes from all the syncs of one space. */
export function forgottenOf(syncs: readonly Sync[], { triggers, kept }: Retention): readonly number[] {
  return syncs
    .filter(({ endedAt, trigger }) => endedAt !== null && triggers.includes(trigger))
    .map(({ id }) => id)
    .sort((a, b) => b - a)
    .slice(kept);
}

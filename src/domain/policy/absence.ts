/** The marks of an image or collection that is still shown though it was found absent: its removal is held. */
export interface AbsenceMarks {
  /** The sync that first found it absent, or null; without it the other marks mean nothing. */
  readonly absentInSync: number | null;
  /** The full sync that first found it absent, or null. */
  readonly absentInFull: number | null;
  /** When the sync `absentInSync` found it absent, in ms since the epoch. */
  readonly absentSince: number | null;
}

/** Returns the marks of what a sync finds absent at `now`: they keep the first sync, and the first full one. */
export function markedAbsent(
  before: AbsenceMarks,
  sync: { readonly id: number; readonly isFull: boolean },
  now: number,
): AbsenceMarks {
  const inFull = sync.isFull ? sync.id : null;
  // What an earlier hold has noted no longer counts once that hold has ended.
  if (before.absentInSync === null) return { absentInSync: sync.id, absentInFull: inFull, absentSince: now };
  return { ...before, absentInFull: before.absentInFull ?? inFull };
}

/**
 * Returns the marks of an image below a collection that was found absent in the sync `since` but exists after all: what
 * was found absent before then still is. So is what lies in a collection that is held for itself, as the sync
 * `emptiedInSync` found it emptied in the meantime; null if there is none. Where an administrator has refused the removal
 * (`isRefused`), only the listing that shows an image takes its mark back.
 */
export function reconfirmedSince(
  before: AbsenceMarks,
  since: number,
  { emptiedInSync, isRefused }: { readonly emptiedInSync: number | null; readonly isRefused: boolean },
): AbsenceMarks {
  if (isRefused) return before;
  const isOlder = (syncId: number | null) => syncId === null || syncId < since;
  return {
    ...before,
    absentInSync: isOlder(before.absentInSync) ? before.absentInSync : emptiedInSync,
    absentInFull: isOlder(before.absentInFull) ? before.absentInFull : null,
  };
}

/** The marks of an image or collection that is shown though it was found absent: its removal is held. */
export interface AbsenceMarks {
  /** The sync that first found it absent; null: it is not. The other marks are of use beside this alone. */
  readonly absentInSync: number | null;
  /** The same, of full syncs alone. */
  readonly absentInFull: number | null;
  /** When that first sync found it so, in ms since the epoch. */
  readonly absentSince: number | null;
}

/** The marks of what a sync finds absent at `now`: the first one counts, and the first full one. */
export function markedAbsent(
  before: AbsenceMarks,
  sync: { readonly id: number; readonly isFull: boolean },
  now: number,
): AbsenceMarks {
  const inFull = sync.isFull ? sync.id : null;
  // What an earlier hold has noted counts for nothing once that has ended.
  if (before.absentInSync === null) return { absentInSync: sync.id, absentInFull: inFull, absentSince: now };
  return { ...before, absentInFull: before.absentInFull ?? inFull };
}

/**
 * The marks below a collection that was found absent in the sync `since` and is there after all: what was found absent
 * before then still is.
 */
export function reconfirmedSince(before: AbsenceMarks, since: number): AbsenceMarks {
  const older = (syncId: number | null) => (syncId !== null && syncId >= since ? null : syncId);
  return { ...before, absentInSync: older(before.absentInSync), absentInFull: older(before.absentInFull) };
}

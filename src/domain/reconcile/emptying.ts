import { isSettled } from '../model/markers.js';

/**
 * What to make of a complete listing in which nothing is left of what its collection held. An unmounted disk, a folder that
 * may not be read any more and a replaced one look just like a deletion of all; only the collection's date tells them apart.
 */
export type Emptying =
  | 'believed' // its date moved as a deletion moves it
  | 'unsure' // no date says anything: it is held until a second look, in another sync, sees the same
  | 'contradicted'; // its date says that nothing was deleted: it is held until the content is back or an administrator accepts

/** What is known of the collection from its last listing that was believed. */
export interface BeforeEmptying {
  /** Its getlastmodified, in ms since the epoch, or null. */
  readonly modifiedAt: number | null;
  readonly marker: string | null;
  /** When that listing was asked for, by the storage's own clock, or null. */
  readonly listedAt: number | null;
  /** An earlier emptying here was `contradicted`, and nothing has come back since. */
  readonly isContradicted: boolean;
}

/** The same collection as the listing shows it. */
export interface Emptied {
  readonly modifiedAt: number | null;
  readonly marker: string | null;
  readonly isRoot: boolean;
  /** Other members are still shown, such as a stray file. */
  readonly hasMembers: boolean;
  /** Markers of this space were seen to move with names. */
  readonly doDatesMove: boolean;
}

/** Dates have whole seconds, and a file server behind the storage may have a clock of its own. */
const CLOCKS_DIFFER_BY_MS = 5_000;

/**
 * A deletion sets a folder's date to now: forward, and not to before its last listing. The date of a bare mount point, of a
 * restored folder or of one that replaced another is older; that of a folder that can't be read stands still.
 */
export function judgeEmptying(before: BeforeEmptying, now: Emptied): Emptying {
  // Whoever puts a file into a bare mount point moves its date, too: once contradicted, only the content or a person helps.
  if (before.isContradicted) return 'contradicted';
  if (now.isRoot && !now.hasMembers) return 'contradicted';
  if (before.modifiedAt === null || now.modifiedAt === null || isInFuture(before)) return 'unsure';
  if (now.modifiedAt !== before.modifiedAt) return isOfDeletion(before, now.modifiedAt) ? 'believed' : 'contradicted';
  // It may have been emptied in the very second of its last change; that it shows others means that it can be read.
  if (!isSettled(before.modifiedAt, before.listedAt)) return now.hasMembers ? 'believed' : 'unsure';
  return now.doDatesMove && now.marker === before.marker ? 'contradicted' : 'unsure';
}

/** Whether a collection shows an older date than it had: no deletion gives it that. */
export function isBackDated(before: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>, date: number | null): boolean {
  return before.modifiedAt !== null && date !== null && !isInFuture(before) && date < before.modifiedAt;
}

/** A date that lay ahead of the storage's own clock says nothing of a later one. */
function isInFuture({ modifiedAt, listedAt }: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>): boolean {
  return modifiedAt !== null && listedAt !== null && modifiedAt > listedAt + CLOCKS_DIFFER_BY_MS;
}

/** Whether a deletion may have given a collection this date: it is newer, and not older than the last listing. */
function isOfDeletion(
  { modifiedAt, listedAt }: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>,
  date: number,
): boolean {
  const isNewer = modifiedAt === null || date > modifiedAt;
  return isNewer && (listedAt === null || date >= listedAt - CLOCKS_DIFFER_BY_MS);
}

/** In words, for an administrator who is to decide, why an emptying is `contradicted`. Dates as in `judgeEmptying`. */
export function contradictionOf(
  before: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>,
  now: Pick<Emptied, 'modifiedAt' | 'isRoot' | 'hasMembers'> & { readonly isPartly: boolean },
): string {
  if (now.isRoot && !now.hasMembers)
    return 'the root is empty all at once, like the mount point of a disk that is not mounted';
  const lost = now.isPartly ? 'something is gone of what it held' : 'nothing is left of what it held';
  if (before.modifiedAt === null || now.modifiedAt === null) return lost;
  if (now.modifiedAt === before.modifiedAt) {
    return `${lost}, although its date stands still, as with a folder that can no longer be read`;
  }
  if (isOfDeletion(before, now.modifiedAt)) {
    return 'nothing has come back of what it held when its date said that nobody had deleted it';
  }
  const reference = isBackDated(before, now.modifiedAt)
    ? 'older than it was'
    : 'before the last listing that showed it';
  const dates = `its date is ${new Date(now.modifiedAt).toISOString()}, ${reference}`;
  return `${lost}, and ${dates}: as with the mount point of a disk that is not mounted, or a folder that was restored or replaced`;
}

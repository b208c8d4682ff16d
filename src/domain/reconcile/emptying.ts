import { isSettled } from '../model/markers.js';

/**
 * What to make of a complete listing that shows nothing of what its collection contained. An unmounted disk, a folder
 * that can no longer be read and one that was replaced look just like a deletion of everything; only the collection's
 * date tells them apart.
 */
export type Emptying =
  | 'believed' // its date moved as a deletion moves it
  | 'unsure' // no date tells anything: held until a second listing, in another sync, shows the same
  | 'contradicted'; // its date says that nothing was deleted: held until the content is back or an administrator accepts

/** What is known about the collection from its last listing that was believed. */
export interface BeforeEmptying {
  /** Its getlastmodified, in ms since the epoch, or null. */
  readonly modifiedAt: number | null;
  readonly marker: string | null;
  /** When that listing was requested, by the storage's own clock, or null. */
  readonly listedAt: number | null;
  /** An earlier emptying here was `contradicted`, and nothing has come back since. */
  readonly isContradicted: boolean;
}

/** The collection as the listing that shows it emptied has it. */
export interface Emptied {
  readonly modifiedAt: number | null;
  readonly marker: string | null;
  readonly isRoot: boolean;
  /** Other members are still shown, such as a stray file. */
  readonly hasMembers: boolean;
  /** Some of these are images that it did not contain before. */
  readonly hasNewImages: boolean;
  /** Markers of this space were seen to move with names. */
  readonly doDatesMove: boolean;
}

/** Dates have whole seconds, and a file server behind the storage may have a clock of its own. */
const CLOCKS_DIFFER_BY_MS = 5_000;

/**
 * Judges an emptying by the collection's date. A deletion sets a folder's date to now: forward, and not to before its
 * last listing. The date of a bare mount point, of a restored folder or of one that replaced another is older; that of
 * a folder that can't be read stands still.
 */
export function judgeEmptying(before: BeforeEmptying, now: Emptied): Emptying {
  // Putting a file into a bare mount point moves its date, too: once contradicted, only the content or a person helps.
  if (before.isContradicted) return 'contradicted';
  if (now.isRoot && !now.hasMembers) return 'contradicted';
  if (before.modifiedAt === null || now.modifiedAt === null || isInFuture(before)) return 'unsure';
  if (now.modifiedAt !== before.modifiedAt) return isOfDeletion(before, now.modifiedAt) ? 'believed' : 'contradicted';
  // It may have been emptied in the very second of its last change; that it shows other members means that it can be
  // read. Where dates don't move at all, that second says nothing: a disk may have gone and left a stray file behind.
  if (!isSettled(before.modifiedAt, before.listedAt)) return now.hasMembers && now.doDatesMove ? 'believed' : 'unsure';
  // Where the marker stood still for what came, as inside of some mounts, it tells nothing of what went; and a folder that
  // shows something new can be read.
  return now.doDatesMove && now.marker === before.marker && !now.hasNewImages ? 'contradicted' : 'unsure';
}

/** Whether a collection shows an older date than it had: no deletion gives it that. */
export function isBackDated(before: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>, date: number | null): boolean {
  return before.modifiedAt !== null && date !== null && !isInFuture(before) && date < before.modifiedAt;
}

/** Whether a date lay ahead of the storage's own clock: it tells nothing about a later one. */
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

/** Explains to the administrator who has to decide why an emptying is `contradicted`. Dates as in `judgeEmptying`. */
export function contradictionOf(
  before: Pick<BeforeEmptying, 'modifiedAt' | 'listedAt'>,
  now: Pick<Emptied, 'modifiedAt' | 'isRoot' | 'hasMembers'> & { readonly isPartly: boolean },
): string {
  if (now.isRoot && !now.hasMembers)
    return 'the root is suddenly empty, like the mount point of a disk that is not mounted';
  const lost = now.isPartly ? 'some of what it held is gone' : 'nothing is left of what it held';
  if (before.modifiedAt === null || now.modifiedAt === null) return lost;
  if (now.modifiedAt === before.modifiedAt) {
    return `${lost}, although its date has not changed, as with a folder that can no longer be read`;
  }
  if (isOfDeletion(before, now.modifiedAt)) {
    return 'nothing of what it held has come back since its date showed that nobody had deleted it';
  }
  const reference = isBackDated(before, now.modifiedAt)
    ? 'older than it was'
    : 'before the last listing that showed it';
  const dates = `its date is ${new Date(now.modifiedAt).toISOString()}, ${reference}`;
  return `${lost}, and ${dates}: as with the mount point of a disk that is not mounted, or a folder that was restored or replaced`;
}

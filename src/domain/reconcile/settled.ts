import type { ImageResource } from '../model/image.js';

/** What the index knows about an image that a listing shows again. */
export interface EarlierLook extends Pick<ImageResource, 'modifiedAt'> {
  readonly isSettled: boolean;
  /** How long ago its size or content was last seen to change, by the clock of the index. */
  readonly unchangedMs: number;
}

/**
 * A writer that pauses for longer has stopped as far as anybody can tell: uploads over slow lines stall for seconds,
 * and a minute is the interval of the fastest usual poll.
 */
export const SETTLED_AFTER_MS = 60_000;

/**
 * Whether an image is complete, as far as its storage tells: its date is older than a minute by the storage's own
 * clock, or, for storages without dates or with wrong ones, it has not changed between two listings a minute apart. A
 * size that moved while an old date stood still belies the date (NTFS updates it when the file is closed): then only
 * the second counts. `before` is null if the index didn't show it; `isAltered`: size or content have changed.
 */
export function isImageSettled(
  { modifiedAt }: Pick<ImageResource, 'modifiedAt'>,
  askedAt: number | null,
  before: EarlierLook | null,
  isAltered: boolean,
): boolean {
  const ageMs = modifiedAt === null || askedAt === null ? Number.NEGATIVE_INFINITY : askedAt - modifiedAt;
  const isOld = ageMs >= SETTLED_AFTER_MS;
  if (before === null) return isOld;
  if (isAltered) return isOld && modifiedAt !== before.modifiedAt;
  if (before.isSettled || before.unchangedMs >= SETTLED_AFTER_MS) return true;
  return isOld && ageMs - before.unchangedMs < SETTLED_AFTER_MS;
}

/**
 * Whether a file beside an `.ovf` may still be written to: by the storage's own clock its date is less than a minute
 * old. One that lies further ahead is of another clock, and one that is missing tells nothing: neither would ever age.
 */
export function mayGrow(modifiedAt: number | null, askedAt: number | null): boolean {
  return modifiedAt !== null && askedAt !== null && Math.abs(askedAt - modifiedAt) < SETTLED_AFTER_MS;
}

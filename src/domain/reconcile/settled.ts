import type { ImageResource } from '../model/image.js';

/** What the index knows of an image that a listing shows again. */
export interface EarlierLook extends Pick<ImageResource, 'modifiedAt'> {
  readonly isSettled: boolean;
  /** How long it is that its size or content was last seen to change, by the clock of the index. */
  readonly unchangedMs: number;
}

/**
 * A writer that pauses for longer has stopped as far as anybody can tell: uploads over slow lines stall for seconds, and
 * a minute is the interval of the quickest usual poll.
 */
export const SETTLED_AFTER_MS = 60_000;

/**
 * Whether an image is whole, as far as its storage tells: its date is older than a minute by the storage's own clock, or
 * it has stood still between two looks a minute apart, for storages without dates or with wrong ones. A size that moved
 * while an old date stood still belies the date (NTFS notes it when the file is closed): then only the second does.
 * `before` is null where the index didn't show it; `isAltered`: size or content differ from what it was.
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

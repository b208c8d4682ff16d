/** A 401 in the middle of a sync, and what is known about the credentials by then. */
export interface Refusal {
  readonly isRoot: boolean;
  /** It was answered, and not kept back because another collection had refused the credentials. */
  readonly isSent: boolean;
  /** Collections in a row that answered 401, this one included. */
  readonly inARow: number;
  /** How often the root has accepted the same credentials after a 401 in this sync. */
  readonly confirmations: number;
}

/**
 * `refused`: nothing more is sent with these credentials; `closed`: only that collection is closed to them, or the one
 * because of which this was kept back.
 */
export type RefusalVerdict = 'refused' | 'closed' | 'ask the root';

/**
 * The most 401s in a row that are believed. More may mean a new password and, with the requests on their way (8 by
 * default), bring the lock-out near: Nextcloud's comes after 10.
 */
const MOST_IN_A_ROW = 8;

/**
 * Decides what a 401 means. With `Require user`, Apache answers 401, not 403, to a user whose password is right, so the
 * root is asked if it is. That is not done for each of a thousand folders: after n confirmations by the root, n 401s in
 * a row are believed.
 */
export function judgeRefusal({ isRoot, isSent, inARow, confirmations }: Refusal): RefusalVerdict {
  // The root that was not asked has refused nothing.
  if (!isSent) return confirmations === 0 ? 'ask the root' : 'closed';
  if (isRoot) return 'refused';
  return inARow <= Math.min(confirmations, MOST_IN_A_ROW) ? 'closed' : 'ask the root';
}

/** A 401 in the middle of a sync, and what is known of the credentials by then. */
export interface Refusal {
  readonly isRoot: boolean;
  /** Collections in a row that answered 401, this one included. */
  readonly inARow: number;
  /** How often the root has taken the same credentials after a 401 of this sync. */
  readonly confirmations: number;
}

/** `refused`: nothing is sent with these credentials any more; `closed`: that collection alone is not for them. */
export type RefusalVerdict = 'refused' | 'closed' | 'ask the root';

/**
 * More may be a new password, and with those that are on their way (8, as shipped) bring the lock-out near: Nextcloud's
 * comes after 10.
 */
const MOST_IN_A_ROW = 8;

/**
 * Apache answers 401, not 403, where `Require user` leaves somebody out whose password is right, so the root is asked
 * whether that is so. It isn't once for each of a thousand folders: as often as it has said so, as many in a row are believed.
 */
export function judgeRefusal({ isRoot, inARow, confirmations }: Refusal): RefusalVerdict {
  if (isRoot) return 'refused';
  return inARow <= Math.min(confirmations, MOST_IN_A_ROW) ? 'closed' : 'ask the root';
}

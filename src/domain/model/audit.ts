/** Something that an administrator did, or tried to do. */
export interface AuditEntry {
  /** The act, such as `sync`, `cancel`, `accept`, `keep`, `resume`, `forget`, `token create`. */
  readonly act: string;
  /** The user of the token, or the account of the command line. */
  readonly by: string;
  /** Where it came from: an address, or `command line`. */
  readonly from: string;
  /** What it was done to, and how; never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  /** `done`, or why it was not. */
  readonly outcome: string;
}

/** An entry as it was recorded, at a time in ms since the epoch. */
export interface AuditRecord extends AuditEntry {
  readonly time: number;
  /** The host on which it was done; null if there is but one. */
  readonly host: string | null;
}

/** As many entries as the files of a host have room for, which is years of what people do. */
export const AUDIT_KEPT = 450_000;

/**
 * Records an act, at once on this host and, by the time that the promise resolves, where all hosts' acts are. Never throws or
 * rejects: what is done is done, so that what can't be written is an error in the log.
 */
export type Audit = (entry: AuditEntry) => Promise<void>;

/** What was removed when a user was forgotten. */
export interface Forgotten {
  readonly images: number;
  readonly collections: number;
  readonly syncs: number;
  readonly tokens: number;
}

/**
 * Removes everything that is known about a user: tokens and the name itself at once, then images and their tombstones,
 * collections and syncs, piece by piece. Returns null if nothing was known. A user who comes back meanwhile begins anew, with
 * another space. Removes as well what others have left that ended in between, as this one does when `signal` is aborted. Throws
 * OvadexError `conflict` while the user's space is configured: the next start would bring it back.
 */
export type ForgetUser = (user: string, signal?: AbortSignal) => Promise<Forgotten | null>;

/** Removes what is left of users whose forgetting was interrupted, until `signal` is aborted; returns how many images. */
export type ForgetRest = (signal?: AbortSignal) => Promise<number>;

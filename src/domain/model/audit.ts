/** Something that an administrator did, or tried to. */
export interface AuditEntry {
  /** Such as `sync`, `cancel`, `accept`, `keep`, `resume`, `forget`, `token create`. */
  readonly act: string;
  /** The user of the token, or the account of the command line. */
  readonly by: string;
  /** An address, or `command line`. */
  readonly from: string;
  /** What it was done to, and how; never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  /** `done`, or why not. */
  readonly outcome: string;
}

/** Takes down what was done. Never throws: what is done is done, so a line that can't be kept is an error in the log. */
export type Audit = (entry: AuditEntry) => void;

/** What was removed of a user. */
export interface Forgotten {
  readonly images: number;
  readonly collections: number;
  readonly syncs: number;
  readonly tokens: number;
}

/**
 * Removes all that is known of a user: images and their tombstones, collections, syncs, tokens, and the name itself.
 * null where nothing was known. Throws OvadexError `conflict` while the user's space is configured: the next start
 * would bring it back, and a sync may be under way.
 */
export type ForgetUser = (user: string) => Promise<Forgotten | null>;

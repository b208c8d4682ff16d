import type { LinkRecord } from '../model/link.js';

/** Keeps users' app passwords in the form in which they were encrypted. */
export interface LinkStore {
  /**
   * Stores a user's link in place of any former one, which it returns: of several that are stored at once each is returned to
   * whoever replaced it. It is not lost in a crash of the machine.
   */
  put(record: LinkRecord): Promise<LinkRecord | null>;
  find(user: string): Promise<LinkRecord | null>;
  /** Lists all links by user. */
  list(): Promise<readonly LinkRecord[]>;
  /** Removes a user's link, and returns it as it was last; null if there is none. */
  remove(user: string): Promise<LinkRecord | null>;
  /** Lists some links that another key than this one opens, by user, beginning after `after`. */
  sealedByOthers(keyId: string, after: string, atMost: number): Promise<readonly LinkRecord[]>;
  /** Stores these in place of what they were read as, all at once; links that have changed meanwhile stay. */
  reseal(changes: readonly Resealed[]): Promise<void>;
}

export interface Resealed {
  readonly before: LinkRecord;
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

/** What the index's writer does for links. */
export type LinkWriter = Pick<LinkStore, 'put' | 'find' | 'list' | 'remove'>;

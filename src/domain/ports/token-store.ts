import type { PagePlace } from '../lists/page.js';
import type { TokenQuery } from '../lists/token-list.js';
import type { NewToken, TokenRecord } from '../model/token.js';

/** Tokens, or a page of them. */
export interface TokenList {
  readonly tokens: readonly TokenRecord[];
  readonly place: PagePlace;
}

/** The last use of a token, in ms since the epoch. */
export interface TokenUse {
  readonly id: number;
  readonly at: number;
}

/** Stores tokens by their hashes: those of the command line, and those of log-ins. */
export interface TokenStore {
  create(token: NewToken): Promise<TokenRecord>;
  /** Stores all of them or, if one can't be stored, none; returns them in the same order. */
  createAll(tokens: readonly NewToken[]): Promise<readonly TokenRecord[]>;
  /**
   * Stores the token of a log-in, and deletes some that have expired. A user has at most `MAX_LOG_INS`: beyond that the
   * least recently used ones are deleted. Returns null if the space is no longer that user's.
   */
  recordLogIn(token: NewToken & { readonly logInSpace: number }): Promise<TokenRecord | null>;
  /**
   * Stores a token that its user has asked for; null if the user has `MAX_OWN_TOKENS` that are neither revoked nor
   * expired. As many of those that are over are kept, and older ones are deleted; log-ins don't count.
   */
  createOwn(token: NewToken): Promise<TokenRecord | null>;
  findByHash(hash: string): Promise<TokenRecord | null>;
  /** Lists tokens by id, including revoked and expired ones; log-ins only if requested. */
  list(options?: { readonly logIns: boolean }): Promise<readonly TokenRecord[]>;
  /** Lists a user's own tokens that are not revoked, including log-ins, and expired ones until they are deleted. */
  page(user: string, query: TokenQuery, now: number): Promise<TokenList>;
  /** Returns a user's own token, or null. */
  find(user: string, id: number): Promise<TokenRecord | null>;
  /** Disables a user's own token at this time, or enables it again (null). Returns null if `find` does. */
  setDisabled(user: string, id: number, at: number | null): Promise<TokenRecord | null>;
  /** Revokes a user's own token; false if `find` returns null. */
  end(user: string, id: number, now: number): Promise<boolean>;
  /** Revokes a token; false if there is no such token, true if it was already revoked. */
  revoke(id: number, now: number): Promise<boolean>;
  /** Notes uses in one step; deleted tokens are skipped, and an earlier use never replaces a later one. */
  noteUses(uses: readonly TokenUse[]): Promise<void>;
}

/** What the index's writer does for the API, which only reads it. */
export type TokenWriter = Pick<TokenStore, 'recordLogIn' | 'createOwn' | 'setDisabled' | 'end' | 'noteUses'>;

/** A script that logs in every minute or two never has more in the day that they live; they take 200 KB. */
export const MAX_LOG_INS = 1_000;

/** One for each script and machine of a user, and a list that a person can still read. */
export const MAX_OWN_TOKENS = 100;

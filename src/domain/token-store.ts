import type { PagePlace } from './lists/page.js';
import type { TokenQuery } from './lists/token-list.js';
import type { NewToken, TokenRecord } from './model/token.js';

/** Tokens, or a page of them. */
export interface TokenList {
  readonly tokens: readonly TokenRecord[];
  readonly place: PagePlace;
}

/** What was seen of a token, in ms since the epoch. */
export interface TokenUse {
  readonly id: number;
  readonly at: number;
}

/** Tokens by their hashes: those of the command line, and those of log-ins. */
export interface TokenStore {
  create(token: NewToken): Promise<TokenRecord>;
  /** All of them or, where one can't be kept, none; in the same order. */
  createAll(tokens: readonly NewToken[]): Promise<readonly TokenRecord[]>;
  /**
   * Keeps the token of a log-in, and forgets some that are over. A user has at most `MAX_LOG_INS`: beyond that those go that were
   * not used for the longest time. null where the space isn't that user's any more.
   */
  recordLogIn(token: NewToken & { readonly logInSpace: number }): Promise<TokenRecord | null>;
  findByHash(hash: string): Promise<TokenRecord | null>;
  /** By id, revoked and expired ones too; log-ins only where they are asked for. */
  list(options?: { readonly logIns: boolean }): Promise<readonly TokenRecord[]>;
  /** A user's own that are not revoked, log-ins too; expired ones until they are forgotten. */
  page(user: string, query: TokenQuery, now: number): Promise<TokenList>;
  /** One of them, or null. */
  find(user: string, id: number): Promise<TokenRecord | null>;
  /** Disables a user's own token at this time, or enables it again (null). null where `find` answers null. */
  setDisabled(user: string, id: number, at: number | null): Promise<TokenRecord | null>;
  /** Revokes a user's own token; false where `find` answers null. */
  end(user: string, id: number, now: number): Promise<boolean>;
  /** false where there is no such token; revoking twice is true. */
  revoke(id: number, now: number): Promise<boolean>;
  /** Notes uses in one step; of tokens that are gone nothing, and an earlier one takes back no later one. */
  noteUses(uses: readonly TokenUse[]): Promise<void>;
}

/** What whoever writes the index does for the API, which only reads it. */
export type TokenWriter = Pick<TokenStore, 'recordLogIn' | 'setDisabled' | 'end' | 'noteUses'>;

/** A script that logs in each minute or two never has more in the day that they live; what it leaves behind is 200 KB. */
export const MAX_LOG_INS = 1_000;

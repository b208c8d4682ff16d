import type { LinkStanding } from '../model/link.js';

/** Lets users connect their own storage, wherever that is done. */
export interface Links {
  /** Begins a log-in in the browser, or returns the one that is pending; `server` may be null if only one can be linked. */
  startLink(wanted: { readonly user: string; readonly server: string | null }): Promise<LinkStart>;
  /**
   * Makes sure that there is a link, given a password that the user's storage has just taken: exchanges it for an app
   * password unless there is a good one.
   */
  keepPassword(account: { readonly user: string; readonly password: string }): Promise<KeptPassword>;
  linkStanding(user: string): Promise<OwnLinkStanding>;
  /**
   * Removes a user's link, revokes its app password and gives a pending log-in up; null if there is neither. `unrevoked`
   * says why the storage may still take the app password, or is null.
   */
  endLink(user: string): Promise<{ readonly unrevoked: string | null } | null>;
}

/** `isTaken`: the space is configured by an administrator, so there is nothing to link. */
export interface OwnLinkStanding extends LinkStanding {
  readonly isTaken: boolean;
}

/** `invalid`: no such storage may be linked. `trouble`: the storage did not answer as it should. */
export type LinkStart =
  | { readonly standing: OwnLinkStanding }
  | { readonly failure: 'invalid' | 'taken' | 'too-many' | 'trouble'; readonly detail: string };

/**
 * `kept`: the storage has given an app password now or before. `not-exchanged`: it gives none for this password, such as
 * for one that is an app password itself. `unavailable`: it gave no answer. `not-concerned`: the space has credentials of
 * an administrator, or lies elsewhere.
 */
export type KeptPassword = 'kept' | 'not-exchanged' | 'unavailable' | 'not-concerned';

import type { ConnectionSettings } from './space.js';

/** A Nextcloud whose users may connect their own storage. */
export interface LinkOrigin {
  /** The URL of a user's space there, with {user}; it contains `/remote.php/`. */
  readonly url: string;
  /** The name under which a user has to log in there, with {user}. */
  readonly loginName: string;
  /** Not set for a plain connection. */
  readonly connection?: ConnectionSettings;
}

/** How a link came about: the user agreed in the browser, or logged in here with a password. */
export type LinkVia = 'browser' | 'log-in';

/** A user's app password as the index keeps it. */
export interface LinkRecord {
  readonly user: string;
  /** The base URL of the Nextcloud, which ends in a slash. */
  readonly server: string;
  readonly loginName: string;
  /** The id of the key that opens `sealed`. */
  readonly keyId: string;
  /** The app password, encrypted. */
  readonly sealed: Uint8Array;
  readonly via: LinkVia;
  /** When the app password was stored, in ms since the epoch. */
  readonly linkedAt: number;
}

/** A link with its app password; null if no key opens it. */
export interface OpenedLink extends Omit<LinkRecord, 'keyId' | 'sealed'> {
  readonly password: string | null;
}

/** `gone`: the storage no longer took the app password, so there was nothing left to revoke. */
export type Revoked =
  | { readonly outcome: 'revoked' | 'gone' }
  | { readonly outcome: 'failed'; readonly detail: string };

/** What a Nextcloud gives at the end of Login Flow v2. */
export interface LinkGrant {
  readonly server: string;
  readonly loginName: string;
  readonly appPassword: string;
}

/** A log-in in the browser that the user has yet to finish. */
export interface PendingLink {
  readonly loginUrl: string;
  /** In ms since the epoch. */
  readonly expiresAt: number;
}

/** How a user's link stands, as far as its storage was not asked since. */
export interface LinkStanding {
  readonly link: Pick<LinkRecord, 'server' | 'loginName' | 'via' | 'linkedAt'> | null;
  /** Whether the key is there that opens the app password; true without a link. */
  readonly isReadable: boolean;
  readonly pending: PendingLink | null;
  /** Why the last attempt to link did not succeed; null if it did, or none was made since the daemon started. */
  readonly failure: string | null;
}

export type LinkState =
  | 'unlinked' // the storage may be connected
  | 'pending' // the user is expected to agree in the browser
  | 'linked'
  | 'refused' // the storage no longer takes the app password: the user has to renew the link
  | 'lost' // no key opens the app password: the user has to renew the link
  | 'configured'; // an administrator has named the space with its own credentials: nothing to be done

import type { ChangeRate } from '../freshness/change-rate.js';
import type { MarkerEvidence } from './markers.js';
import type { SearchEvidence } from './search.js';
import type { UserAuth } from './user-auth.js';

/** How ovadex authenticates to a storage. Secrets are resolved; nothing of it is ever logged. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'digest'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  /** The file is read again when it changes; `tokenVersion` changes with the token that was last read from it. */
  | { readonly type: 'bearer'; readonly tokenFile: string; readonly tokenVersion: string };

/** How a storage is reached if not by a plain connection. Secrets are resolved; nothing of it is ever logged. */
export interface ConnectionSettings {
  /** Headers sent with every request, in addition to those of WebDAV. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings | null;
  readonly proxy: ProxySettings | null;
}

/** TLS certificates and key, all in PEM. */
export interface TlsSettings {
  /** Certificates that are trusted in addition to the usual roots. */
  readonly ca: string | null;
  /** What the client presents: its certificate, its chain, and the key, unencrypted. */
  readonly identity: { readonly certificate: string; readonly key: string } | null;
}

export interface ProxySettings {
  /** The proxy's URL: http or https, without credentials and path. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

/** A user's WebDAV root as the configuration or a discovery names it. */
export interface SpaceSettings {
  readonly user: string;
  /** An absolute http or https URL that ends in a slash, without credentials, query or fragment. */
  readonly url: string;
  readonly auth: Credentials;
  /** Not set for a plain connection. */
  readonly connection?: ConnectionSettings;
  /** The same space as a local folder: changes seen there are hints for a sync. */
  readonly watchDirectory: string | null;
  /** Set if its images are listed and no more: what they are is not read. */
  readonly describe?: false;
}

/** A place where users are found: a collection whose direct children are theirs, or a Nextcloud that lists them. */
export interface DiscoverySettings {
  /** The collection, or the Nextcloud itself. */
  readonly url: string;
  /** Credentials for finding users and, unless `spaceAuth` is set, for their spaces. */
  readonly auth: Credentials;
  readonly connection?: ConnectionSettings;
  /** `ocs`: asked through Nextcloud's own API for users. Not set for a collection. */
  readonly kind?: 'ocs';
  /** Set for `ocs` if only the members of these groups are users. */
  readonly groups?: readonly string[];
  /** The URL of the spaces, with `{user}`; set for `ocs`. */
  readonly spaceUrl?: string;
  /** The path of a space below its child, with a final slash, if the child isn't the space itself. */
  readonly below?: string;
  /** Globs of users to leave out. */
  readonly exclude?: readonly string[];
  readonly spaceAuth?: Credentials | { readonly perUser: UserAuth };
  /** As in the settings of each of its spaces. */
  readonly describe?: false;
}

/** A folder in which each file is named after a user and holds the secret to that user's space. */
export interface UserFolder {
  /** An absolute path. */
  readonly folder: string;
  /** The URL of the spaces, with `{user}`. */
  readonly url: string;
  /** Its secrets are the files of the folder. */
  readonly auth: UserAuth;
  /** Not set for a plain connection. */
  readonly connection?: ConnectionSettings;
  /** As in the settings of each of its spaces. */
  readonly describe?: false;
}

export type SpaceState =
  | 'pending' // no sync has finished yet
  | 'fresh'
  | 'stale' // the last sync left something unlisted, or is older than it should be
  | 'failing' // the last sync failed; the list stays as it was
  | 'held' // removals too large to believe wait for a second opinion
  | 'suspended'; // credentials refused; not asked again until they change, a retry is due, or an admin resumes it

/** A space as the index knows it. Times are ms since the epoch. */
export interface Space {
  readonly id: number;
  readonly user: string;
  readonly url: string;
  /** Raised in the same transaction as any visible change of its images. */
  readonly revision: number;
  /** When the revision was raised last; null before that. */
  readonly changedAt: number | null;
  readonly images: number;
  /** Images of which it is known what they are: ok, incomplete or broken. */
  readonly describedImages: number;
  /** Images of which it isn't known yet what they are, without those that are being uploaded. */
  readonly waitingImages: number;
  readonly incompleteImages: number;
  readonly brokenImages: number;
  /** Bytes received to learn what images are, also those that are gone. */
  readonly readBytes: number;
  readonly collections: number;
  readonly addedAt: number;
  /** End of the last sync that finished without leaving anything unlisted. */
  readonly lastSuccessAt: number | null;
  /** End of the last sync that finished, complete or not. */
  readonly lastSyncAt: number | null;
  /** Trouble of the last sync, or null: the next good one clears it. */
  readonly trouble: SpaceTrouble | null;
  /** How many images a held removal concerns, or null. */
  readonly heldRemovals: number | null;
  /** Why the removal is held, as in `SyncOutcome`. */
  readonly heldReasons: readonly string[];
  /** An administrator has refused the held removal. */
  readonly isRemovalRefused: boolean;
  readonly nextSyncAt: number | null;
  /** What its markers were seen to prove. */
  readonly evidence: MarkerEvidence;
  /** Whether its storage's own search tells where to look. */
  readonly search: SearchEvidence;
  /** How often it changes, as far as looks have told. */
  readonly rate: ChangeRate;
}

export interface SpaceTrouble {
  /** `unauthorized` suspends; `incomplete` means that only parts of the space could not be listed. */
  readonly kind: 'failed' | 'incomplete' | 'unauthorized';
  readonly message: string;
  readonly at: number;
}

/** Returns the answer to a request for a sync of a suspended space. */
export function suspendedMessage(user: string, retryAt: number | null): string {
  const when = retryAt === null ? 'soon' : `at ${new Date(retryAt).toISOString()}`;
  return `the space of "${user}" is suspended: its storage refused the credentials; it is not synced until it is retried automatically ${when}, its credentials change, or an administrator resumes it`;
}

/** A space whose last good sync is older than this many intervals of its schedule is stale. */
export const STALE_AFTER_INTERVALS = 2.5;

/** Returns when a state ends by the passing of time alone, in ms since the epoch; a sync brings about any other end. */
export function stateEndsAt({ lastSuccessAt }: Space, state: SpaceState, intervalMs: number): number {
  return state === 'fresh' ? (lastSuccessAt ?? 0) + intervalMs * STALE_AFTER_INTERVALS : Number.POSITIVE_INFINITY;
}

/**
 * Returns the one word for a space's condition; the gravest goes first. `intervalMs` is the time between two scheduled
 * syncs.
 */
export function stateOf(space: Space, now: number, intervalMs: number): SpaceState {
  if (space.trouble?.kind === 'unauthorized') return 'suspended';
  if (space.heldRemovals !== null) return 'held';
  if (space.trouble?.kind === 'failed') return 'failing';
  if (space.lastSyncAt === null) return 'pending';
  if (space.trouble?.kind === 'incomplete') return 'stale';
  const age = now - (space.lastSuccessAt ?? 0);
  return age > intervalMs * STALE_AFTER_INTERVALS ? 'stale' : 'fresh';
}

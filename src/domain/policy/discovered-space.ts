import type { Credentials, DiscoverySettings, SpaceSettings } from '../model/space.js';
import { type UserAuth, urlOfUser } from '../model/user-auth.js';

/** Returns the URL of a user's space that a discovery finds; `childUrl` is that of a collection below another one's. */
export function urlOfDiscovered(
  { url, spaceUrl, below = '' }: DiscoverySettings,
  user: string,
  childUrl: (url: string, name: string) => string,
): string {
  if (spaceUrl !== undefined) return urlOfUser(spaceUrl, user);
  return childUrl(url, user) + below.split('/').map(encodeURIComponent).join('/');
}

/** Returns the settings of a space that a discovery finds. */
export function discoveredSpace(
  { connection, describe }: DiscoverySettings,
  space: { readonly user: string; readonly url: string; readonly auth: Credentials },
): SpaceSettings {
  return {
    ...space,
    ...(connection === undefined ? {} : { connection }),
    ...(describe === undefined ? {} : { describe }),
    watchDirectory: null,
  };
}

/** Returns what a user's space is asked with, or why nothing is known, without quoting a secret. */
export type CredentialsOfUser = (user: string) => Promise<Credentials | { readonly problem: string }>;

/** Fills in credentials that differ from user to user. */
export type FillCredentials = (template: UserAuth, user: string) => ReturnType<CredentialsOfUser>;

/** Returns the credentials of each user whom a discovery finds. */
export function credentialsAt({ auth, spaceAuth = auth }: DiscoverySettings, fill: FillCredentials): CredentialsOfUser {
  return async (user) => ('perUser' in spaceAuth ? await fill(spaceAuth.perUser, user) : spaceAuth);
}

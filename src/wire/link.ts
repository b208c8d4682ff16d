import type { LinkState, LinkVia, OpenedLink } from '../domain/model/link.js';
import type { Space } from '../domain/model/space.js';
import { linkStateOf } from '../domain/policy/linking.js';
import type { OwnLinkStanding } from '../domain/ports/links.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** How a user's own storage is connected, as JSON; never with a password. */
export interface LinkJson {
  readonly state: LinkState;
  /** The address of the storage; null without a link. */
  readonly server: string | null;
  readonly login_name: string | null;
  readonly linked_by: LinkVia | null;
  readonly linked_on: string | null;
  /** Where the user agrees in the browser; null if no log-in is pending. */
  readonly login_url: string | null;
  /** When that log-in expires. */
  readonly expires_on: string | null;
  /** What the user should know or do. */
  readonly message: string;
}

/** The result of ending a link. */
export interface UnlinkedJson {
  readonly state: 'unlinked';
  /** Whether the storage no longer takes the app password. */
  readonly revoked: boolean;
  readonly message: string;
}

/** What each state means, in the words of the API. */
export const LINK_MESSAGES: Readonly<Record<LinkState, string>> = {
  unlinked: 'your storage is not connected; POST here to begin',
  pending: 'open login_url in a browser and agree there',
  linked: 'your storage is connected',
  refused: 'your storage no longer takes the app password; POST here to renew it',
  lost: 'the app password can no longer be read; POST here to connect your storage again',
  configured: 'an administrator has configured your space; there is nothing to connect',
};

/** Returns a link as JSON; `space` is its user's. */
export function linkToJson(standing: OwnLinkStanding, space: Pick<Space, 'trouble'> | null): LinkJson {
  const { link, pending, failure } = standing;
  const state = linkStateOf(standing, space);
  const told = [
    ...(failure === null ? [] : [`the last attempt failed: ${failure}`]),
    state !== 'pending' && pending !== null ? LINK_MESSAGES.pending : LINK_MESSAGES[state],
  ];
  return {
    state,
    server: link?.server ?? null,
    login_name: link?.loginName ?? null,
    linked_by: link?.via ?? null,
    linked_on: timestamp(link?.linkedAt ?? null),
    login_url: pending?.loginUrl ?? null,
    expires_on: timestamp(pending?.expiresAt ?? null),
    message: told.join('; '),
  };
}

/** Returns the result of ending a link; `unrevoked` says why the storage may still take the app password, or is null. */
export function unlinkedToJson(unrevoked: string | null): UnlinkedJson {
  const message =
    unrevoked === null
      ? 'your storage is no longer connected'
      : `your storage is no longer connected, but it could not be told so (${unrevoked}); remove "ovadex" from the devices in its security settings`;
  return { state: 'unlinked', revoked: unrevoked === null, message };
}

/** A link in the commands, which show those of all users. */
export interface AdminLinkJson extends Pick<LinkJson, 'server' | 'login_name' | 'linked_by' | 'linked_on'> {
  readonly user: string;
  /** Whether a key opens the app password. */
  readonly readable: boolean;
}

export function adminLinkToJson(link: OpenedLink, write: TimestampWriter = timestamp): AdminLinkJson {
  const { user, server, loginName, via, linkedAt, password } = link;
  return {
    user,
    server,
    login_name: loginName,
    linked_by: via,
    linked_on: write(linkedAt),
    readable: password !== null,
  };
}

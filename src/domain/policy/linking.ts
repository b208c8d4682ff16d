import type { LinkGrant, LinkOrigin, LinkRecord, LinkStanding, LinkState, OpenedLink } from '../model/link.js';
import type { Credentials, Space, SpaceSettings } from '../model/space.js';
import { quote } from '../text/quote.js';

/** The part of every WebDAV address of a Nextcloud that follows its base. */
const DAV_PART = '/remote.php/';

/** Returns a Nextcloud's base URL, which ends in a slash, given any of its WebDAV addresses; null if it is none. */
export function baseOf(url: string): string | null {
  const at = url.indexOf(DAV_PART);
  return at < 0 ? null : new URL(url.slice(0, at + 1)).href;
}

/** Returns the URL of a user's space. */
export function linkedUrl({ url }: Pick<LinkOrigin, 'url'>, user: string): string {
  return new URL(url.replaceAll('{user}', encodeURIComponent(user))).href;
}

/** Returns the name under which a user has to log in there. */
export function loginNameOf({ loginName }: Pick<LinkOrigin, 'loginName'>, user: string): string {
  return loginName.replaceAll('{user}', () => user);
}

/** Finds the Nextcloud of this base URL among those that may be linked. */
export function originAt(origins: readonly LinkOrigin[], server: string): LinkOrigin | null {
  return origins.find(({ url }) => baseOf(url) === server) ?? null;
}

/**
 * Picks the Nextcloud that a user wants to link; `wanted` is its address, which may be left out if there is only one.
 * Otherwise returns what is wrong with the choice.
 */
export function chooseOrigin(
  origins: readonly LinkOrigin[],
  wanted: string | null,
): LinkOrigin | { readonly problem: string } {
  const [only] = origins;
  const bases = origins.map(({ url }) => baseOf(url) ?? url);
  if (wanted === null) {
    if (only !== undefined && origins.length === 1) return only;
    return { problem: `server: which one is meant? It must be one of ${bases.join(', ')}` };
  }
  const chosen = origins[bases.indexOf(wanted.endsWith('/') ? wanted : `${wanted}/`)];
  return chosen ?? { problem: `server: ${quote(wanted)} can't be linked; it must be one of ${bases.join(', ')}` };
}

/**
 * Judges what a Nextcloud gave after the browser's log-in; returns why it must not be used, or null. Somebody else may
 * have followed the link: their files must never end up in this user's space.
 */
export function refusalOfGrant(
  origin: LinkOrigin,
  user: string,
  { server, loginName }: Pick<LinkGrant, 'server' | 'loginName'>,
): string | null {
  const base = baseOf(origin.url) ?? '';
  const named = server.endsWith('/') ? server : `${server}/`;
  if (!URL.canParse(named) || new URL(named).href !== base) {
    return `the storage calls itself ${quote(server)}, and not ${base}; its administrator has to correct one of the two addresses`;
  }
  const expected = loginNameOf(origin, user);
  if (loginName === expected) return null;
  return `${quote(loginName)} has logged in there; to connect the storage of ${quote(user)}, log in as ${quote(expected)}`;
}

/** The credentials of a link; none if its app password can't be read, which the storage will refuse. */
function credentialsOf({ loginName, password }: OpenedLink): Credentials {
  return password === null ? { type: 'none' } : { type: 'basic', username: loginName, password };
}

/**
 * Returns the spaces to crawl: the configured ones, and those of links. Where both name a user, the configuration
 * decides, and the link's credentials are used only if it names the same place without any. A link to a Nextcloud that
 * may no longer be linked counts for nothing.
 */
export function withLinks(
  configured: readonly SpaceSettings[],
  origins: readonly LinkOrigin[],
  links: readonly OpenedLink[],
): readonly SpaceSettings[] {
  if (links.length === 0) return configured;
  const linked = new Map<string, SpaceSettings>();
  for (const link of links) {
    const origin = originAt(origins, link.server);
    if (origin === null) continue;
    const { connection } = origin;
    const settings = { user: link.user, url: linkedUrl(origin, link.user), auth: credentialsOf(link) };
    const reach = connection === undefined ? settings : { ...settings, connection };
    linked.set(link.user, { ...reach, watchDirectory: null });
  }
  const spaces = configured.map((space) => {
    const link = linked.get(space.user);
    linked.delete(space.user);
    return link !== undefined && needsLink(space, link.url) ? { ...space, auth: link.auth } : space;
  });
  return [...spaces, ...linked.values()];
}

/** Whether a configured space takes the credentials of its user's link to the space at `linked`. */
function needsLink({ url, auth }: Pick<SpaceSettings, 'url' | 'auth'>, linked: string): boolean {
  return auth.type === 'none' && url === linked;
}

/**
 * Whether the storage has refused a link's app password; `space` is its user's. A refusal that is older than the link was
 * of the one before.
 */
export function isLinkRefused(
  { linkedAt }: Pick<LinkRecord, 'linkedAt'>,
  space: Pick<Space, 'trouble'> | null,
): boolean {
  const trouble = space?.trouble ?? null;
  return trouble !== null && trouble.kind === 'unauthorized' && trouble.at >= linkedAt;
}

/** Returns the one word for how a user's link stands; `space` is the user's. */
export function linkStateOf(
  { link, isReadable, pending, isTaken: isOthers }: LinkStanding & { readonly isTaken: boolean },
  space: Pick<Space, 'trouble'> | null,
): LinkState {
  if (isOthers) return 'configured';
  if (link === null) return pending === null ? 'unlinked' : 'pending';
  if (!isReadable) return 'lost';
  return isLinkRefused(link, space) ? 'refused' : 'linked';
}

/**
 * Whether a user's space is somebody else's decision: the configuration names it with credentials or at another place,
 * or a discovery has found it elsewhere. Such a space is not for its user to connect.
 */
export function isTaken(
  user: string,
  origins: readonly LinkOrigin[],
  configured: Pick<SpaceSettings, 'url' | 'auth'> | undefined,
  known: Pick<Space, 'url'> | null,
): boolean {
  const isOurs = (url: string) => origins.some((origin) => linkedUrl(origin, user) === url);
  if (configured !== undefined) return configured.auth.type !== 'none' || !isOurs(configured.url);
  return known !== null && !isOurs(known.url);
}

/**
 * Returns the Nextcloud at which a user's password may be tried and exchanged: where the user's space is, or else the
 * only one there is; null if there is none, or if it can't be told which.
 */
export function originOfLogIn(
  user: string,
  origins: readonly LinkOrigin[],
  known: Pick<Space, 'url'> | null,
): LinkOrigin | null {
  if (known !== null) return origins.find((origin) => linkedUrl(origin, user) === known.url) ?? null;
  return origins.length === 1 ? (origins[0] ?? null) : null;
}

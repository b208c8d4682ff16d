import type { Config } from '../config/schema.js';
import { OvadexError } from '../domain/model/errors.js';
import type { DiscoverySettings, Space } from '../domain/model/space.js';
import { urlOfUser } from '../domain/model/user-auth.js';
import { credentialsAt, discoveredSpace, type FillCredentials } from '../domain/policy/discovered-space.js';
import { quote } from '../domain/text/quote.js';
import type { Place } from './storages.js';

/**
 * Lists the places to ask: each discovery's folder and each space of the configuration, or only these users' spaces,
 * including those found by discoveries, with credentials that `fill` completes. Throws OvadexError `not-found` for a
 * user without a space, and `config` for one without credentials.
 */
export async function placesOf(
  config: Pick<Config, 'spaces' | 'discoveries'>,
  users: readonly string[] | null,
  spaceOf: ReadonlyMap<string, Space>,
  fill: FillCredentials,
): Promise<readonly Place[]> {
  const discoveries = config.discoveries.map((each) => ({ ...each, user: null }));
  if (users === null) return [...discoveries, ...config.spaces];
  const named = new Map(config.spaces.map((space) => [space.user, space]));
  const places: Place[] = [];
  for (const user of new Set(users)) {
    const own = named.get(user);
    places.push(own ?? (await discoveredPlace(config.discoveries, user, spaceOf.get(user)?.url, fill)));
  }
  return places;
}

async function discoveredPlace(
  discoveries: readonly DiscoverySettings[],
  user: string,
  url: string | undefined,
  fill: FillCredentials,
): Promise<Place> {
  const discovery = discoveries.find((each) => url !== undefined && isFoundBy(each, user, url));
  if (url === undefined || discovery === undefined) {
    throw new OvadexError('not-found', `there is no space of user ${quote(user)}`);
  }
  const auth = await credentialsAt(discovery, fill)(user);
  if (!('problem' in auth)) return discoveredSpace(discovery, { user, url, auth });
  throw new OvadexError('config', `there are no credentials for the space of ${quote(user)}: ${auth.problem}`);
}

/** Whether a space is one of a discovery's: a folder further below may be another discovery's, with other credentials. */
function isFoundBy({ url: folder, spaceUrl, below = '' }: DiscoverySettings, user: string, url: string): boolean {
  if (spaceUrl !== undefined) return urlOfUser(spaceUrl, user) === url;
  if (!url.startsWith(folder)) return false;
  const slash = url.indexOf('/', folder.length);
  return slash !== -1 && url.slice(slash + 1) === below.split('/').map(encodeURIComponent).join('/');
}

import type { Config } from '../config/schema.js';
import { OvadexError } from '../domain/model/errors.js';
import type { Space } from '../domain/model/space.js';
import { quote } from '../domain/text/quote.js';
import type { Place } from './storages.js';

/**
 * Lists the places to ask: each discovery's folder and each space of the configuration, or only these users' spaces,
 * including those found by discoveries. Throws OvadexError `not-found` for a user without a space.
 */
export function placesOf(
  config: Pick<Config, 'spaces' | 'discoveries'>,
  users: readonly string[] | null,
  spaceOf: ReadonlyMap<string, Space>,
): readonly Place[] {
  const discoveries = config.discoveries.map((each) => ({ ...each, user: null }));
  if (users === null) return [...discoveries, ...config.spaces];
  return [...new Set(users)].map((user) => {
    const named = config.spaces.find((space) => space.user === user);
    if (named !== undefined) return named;
    const url = spaceOf.get(user)?.url;
    const discovery = config.discoveries.find((each) => url !== undefined && isDirectlyBelow(url, each.url));
    if (url !== undefined && discovery !== undefined) return { ...discovery, user, url, watchDirectory: null };
    throw new OvadexError('not-found', `there is no space of user ${quote(user)}`);
  });
}

/** Whether a space is one of a discovery's: a folder further below may be another discovery's, with other credentials. */
function isDirectlyBelow(url: string, folder: string): boolean {
  return url.startsWith(folder) && url.indexOf('/', folder.length) === url.length - 1;
}

import { quote } from '../text/quote.js';

/** Whose space lies where. */
interface NamedSpace {
  readonly user: string;
  readonly url: string;
}

export interface AssignedSpaces<Settings extends NamedSpace> {
  /** One for each user. */
  readonly spaces: readonly Settings[];
  /** In words: users who are found at more than one place. */
  readonly collisions: readonly string[];
}

/**
 * Which space each user has where several are found, those of each discovery in the configuration's order. What the
 * configuration names goes first, then where the index has the user already (`known`, a URL by user), then
 * the first discovery: whoever can make a folder in one storage can't take over a user of another, nor be handed that
 * user's password at a log-in. That holds for a user who is gone from his place, too: `keep` answers with the space as it
 * is there, or null where the configuration has that place no more.
 */
export function assignSpaces<Settings extends NamedSpace>(
  configured: readonly Settings[],
  found: readonly (readonly Settings[])[],
  known: ReadonlyMap<string, string>,
  keep: (user: string, url: string) => Settings | null,
): AssignedSpaces<Settings> {
  const named = new Map(configured.map((space) => [space.user, space]));
  const places = new Map<string, Settings[]>();
  for (const space of found.flat()) {
    const before = places.get(space.user);
    if (before === undefined) places.set(space.user, [space]);
    // One collection that is discovered twice is no other place.
    else if (!before.some(({ url }) => url === space.url)) before.push(space);
  }
  const spaces = new Map<string, Settings>();
  const collisions: string[] = [];
  for (const [user, candidates] of places) {
    const own = named.get(user);
    const place = known.get(user);
    const kept = candidates.find(({ url }) => url === place) ?? (place === undefined ? null : keep(user, place));
    const chosen = own ?? kept ?? candidates[0];
    if (chosen === undefined) continue;
    spaces.set(user, chosen);
    const others = candidates.map(({ url }) => url).filter((url) => url !== chosen.url);
    if (others.length > 0) collisions.push(collisionOf(chosen, others, own !== undefined));
  }
  for (const space of configured) spaces.set(space.user, space);
  return { spaces: [...spaces.values()], collisions };
}

function collisionOf({ user, url }: NamedSpace, others: readonly string[], isConfigured: boolean): string {
  const why = isConfigured ? 'is the one that the configuration names' : 'was first';
  const what = isConfigured
    ? 'Rename what is not meant, or remove the user from the configuration.'
    : 'Rename one of the folders, or name the user in the configuration with the url that is meant.';
  return `${quote(user)} is also found at ${others.join(' and ')}, which ${others.length > 1 ? 'are' : 'is'} not indexed: ${url} ${why}. ${what}`;
}

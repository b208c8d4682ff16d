import { quote } from '../text/quote.js';

/** A space with its user and its place. */
interface NamedSpace {
  readonly user: string;
  readonly url: string;
}

export interface AssignedSpaces<Settings extends NamedSpace> {
  /** The spaces, one for each user. */
  readonly spaces: readonly Settings[];
  /** Warnings about users who are found at more than one place. */
  readonly collisions: readonly string[];
}

/**
 * Decides which space each user has if several are found; those of each discovery come in the configuration's order.
 * What the configuration names goes first, then where the index has the user already (`known`, a URL by user), then the
 * first discovery: the right to create folders in one storage must not be enough to take over a user of another, nor to
 * be handed that user's password at a log-in. That also holds for a user who has disappeared from that place: `keep`
 * returns the space as it is there, or null if the configuration no longer has that place.
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
    // One collection that is discovered twice is not another place.
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
    ? 'Rename the unwanted folders, or remove the user from the configuration.'
    : 'Rename one of the folders, or name the user in the configuration with the right url.';
  return `${quote(user)} is also found at ${others.join(' and ')}, which ${others.length > 1 ? 'are' : 'is'} not indexed: ${url} ${why}. ${what}`;
}

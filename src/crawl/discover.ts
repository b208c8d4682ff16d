import type { Logger } from 'pino';
import { removalLimit } from '../domain/guard.js';
import { nameOf, type ResourcePath, ROOT } from '../domain/path.js';
import type { RemoteStore } from '../domain/ports.js';
import type { DiscoverySettings, Space, SpaceSettings } from '../domain/space.js';

/**
 * The spaces directly below a discovery's collection. One that isn't listed any
 * more is kept unless the listing is complete and it answers 404 itself; if more
 * would go than is believable, all are kept.
 */
export async function discoverSpaces(
  discovery: DiscoverySettings,
  options: {
    readonly store: RemoteStore;
    readonly urlOf: (user: string) => string;
    /** Spaces that an earlier discovery found here. */
    readonly known: readonly Pick<Space, 'user' | 'url'>[];
    readonly signal: AbortSignal;
    readonly logger: Logger;
  },
): Promise<readonly SpaceSettings[]> {
  const { store, known, signal, logger } = options;
  const settingsOf = (user: string): SpaceSettings => ({
    ...discovery,
    user,
    url: options.urlOf(user),
    watchDirectory: null,
  });

  const listing = await store.list(ROOT, signal);
  if (!listing.verdict.complete) {
    logger.warn({ url: discovery.url, detail: listing.verdict.detail }, 'discovery failed; the known spaces stay');
    return known.map(({ user }) => settingsOf(user));
  }
  const listed = listing.collections.map((collection) => nameOf(collection.path));
  const isListed = new Set(listed);
  const missing = known.map(({ user }) => user).filter((user) => !isListed.has(user));
  const kept: string[] = [];
  for (const user of missing) {
    const { presence } = await store.probe(user as ResourcePath, signal);
    if (presence !== 'absent') kept.push(user);
  }
  const gone = missing.length - kept.length;
  const isBelievable = listed.length > 0 && gone <= removalLimit(known.length);
  if (gone > 0 && !isBelievable) {
    logger.warn({ url: discovery.url, gone, known: known.length }, 'too many spaces gone at once; all of them stay');
  }
  return [...listed, ...(isBelievable ? kept : missing)].map(settingsOf);
}

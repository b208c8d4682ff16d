import type { Space, SpaceSettings } from '../model/space.js';

/** The registered spaces, as a host's own configuration has them. */
export interface CrawledSpaces {
  readonly entries: ReadonlyMap<number, { readonly space: Space; readonly settings: SpaceSettings }>;
  /** Ids of those that the configuration doesn't have, or has at another place. */
  readonly strangers: readonly number[];
}

/**
 * Returns which of the registered spaces a host may crawl: those that its configuration has at the very same place. What
 * another place shows would be taken for changes.
 */
export function crawledSpaces(
  registered: readonly Space[],
  configured: ReadonlyMap<string, SpaceSettings>,
): CrawledSpaces {
  const entries = new Map<number, { space: Space; settings: SpaceSettings }>();
  const strangers: number[] = [];
  for (const space of registered) {
    const settings = configured.get(space.user);
    if (settings?.url === space.url) entries.set(space.id, { space, settings });
    else strangers.push(space.id);
  }
  return { entries, strangers };
}

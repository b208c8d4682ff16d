import { createStorage } from '../app/crawler.js';
import type { Config } from '../config/schema.js';
import { assignSpaces } from '../domain/model/assign-spaces.js';
import { compileExclusions } from '../domain/model/exclusions.js';
import { nameOf, ROOT } from '../domain/model/path.js';
import { urlOfDiscovered } from '../domain/policy/discovered-space.js';

/**
 * Describes users who are found by several discoveries, or by a discovery and elsewhere in the configuration, and what
 * a crawl with a new index would do. Lists each discovery once; one that can't be listed is skipped.
 */
export async function findCollisions(config: Config, signal: AbortSignal): Promise<readonly string[]> {
  const storage = createStorage(config, Date.now, { retries: false });
  try {
    const found: { user: string; url: string }[][] = [];
    for (const discovery of config.discoveries) {
      const store = storage.open(discovery);
      const isExcluded = compileExclusions(discovery.exclude ?? []);
      const { collections } = await store.list(ROOT, signal).finally(() => store.close());
      const users = collections.map(({ path }) => nameOf(path)).filter((name) => !isExcluded(name));
      found.push(users.map((user) => ({ user, url: urlOfDiscovered(discovery, user, storage.childUrl) })));
    }
    return assignSpaces<{ user: string; url: string }>(config.spaces, found, new Map(), () => null).collisions;
  } finally {
    await storage.close();
  }
}

import { createStorage } from '../app/crawler.js';
import type { Config } from '../config/schema.js';
import { ROOT } from '../domain/model/path.js';
import { troubleOfRoot } from '../domain/reconcile/unmarked-root.js';

/** Lists the root of the first space, or the folder of the first discovery. Returns what is wrong with it, or null. */
export async function tryStorage(config: Config, signal: AbortSignal): Promise<string | null> {
  const [discovery] = config.discoveries;
  const [space = discovery] = config.spaces;
  if (space === undefined) return null;
  const webdav = createStorage(config, Date.now);
  try {
    const store = webdav.open(space);
    const trouble = troubleOfRoot(await store.list(ROOT, signal), space === discovery ? 'discovery' : 'space');
    await store.close();
    return trouble === null ? null : `${space.url}: ${trouble.detail}`;
  } finally {
    await webdav.close();
  }
}

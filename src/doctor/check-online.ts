import { createStorage, fillFromFiles } from '../app/crawler.js';
import type { Config } from '../config/schema.js';
import { signOf } from '../domain/hosts/host-record.js';
import { ROOT } from '../domain/model/path.js';
import { troubleOfRoot } from '../domain/reconcile/unmarked-root.js';
import { askHosts } from './hosts.js';
import { placesOf } from './places.js';
import type { Place } from './storages.js';

/** How a storage or a whole host answered a request for its root. */
export interface OnlineCheck {
  /** Owner of the space; null for the folder of a discovery, and for a host. */
  readonly user: string | null;
  /** The place's URL; for a host, its origin. */
  readonly url: string;
  /** Number of places it covers: for a host that is out of order, all that were not asked. */
  readonly places: number;
  readonly ok: boolean;
  readonly detail: string;
}

export interface CheckOnlineOptions {
  /** Called with each answer as it comes. */
  readonly tell: (check: OnlineCheck) => void;
  readonly signal: AbortSignal;
}

/**
 * Asks for the root of each space and the folder of each discovery in the configuration; a host that is out of order is
 * reported once.
 */
export async function checkOnline(config: Config, { tell, signal }: CheckOnlineOptions): Promise<void> {
  const webdav = createStorage(config, Date.now, { retries: false });
  const ask = async (place: Place) => {
    const store = webdav.open(place);
    try {
      const trouble = troubleOfRoot(await store.list(ROOT, signal), place.user === null ? 'discovery' : 'space');
      const { user, url } = place;
      const answer = { user, url, places: 1, ok: trouble === null, detail: trouble?.detail ?? '' };
      return { sign: signOf(trouble), answer };
    } finally {
      await store.close();
    }
  };
  try {
    await askHosts<Place, OnlineCheck>(await placesOf(config, null, new Map(), fillFromFiles), {
      atOnce: config.crawl.spacesAtOnce,
      ask,
      isProven: () => false,
      tell,
      giveUp: ({ origin }, unasked, { detail }) =>
        tell({ user: null, url: origin, places: unasked, ok: false, detail: `out of order: ${detail}` }),
      spare: ({ origin }, unasked) =>
        tell({
          user: null,
          url: origin,
          places: unasked,
          ok: false,
          detail: 'not asked: credentials were refused there several times, and a few more may lock this address out',
        }),
      signal,
    });
  } finally {
    await webdav.close();
  }
}

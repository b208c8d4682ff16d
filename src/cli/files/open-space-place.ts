import { createStorage, fillFromFiles } from '../../app/crawler.js';
import { createLinkedSpaces } from '../../app/linked-spaces.js';
import { openIndexIfAny } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { placesOf } from '../../doctor/places.js';
import type { Place } from '../../doctor/storages.js';
import { OvadexError } from '../../domain/model/errors.js';
import { createLogger } from '../../platform/log/logger.js';
import type { Io } from '../terminal/io.js';
import type { ImagePlace } from './image-place.js';
import { spacePlace } from './space-place.js';

/**
 * Opens the files of a user's space, with the credentials, the gate and the time limits that it is crawled with; those
 * that `crawl.exclude` leaves out of lists, too. Throws OvadexError `not-found` for a user without a space.
 */
export async function openSpacePlace(
  { config: file, user }: { readonly config: string; readonly user: string },
  io: Io,
  signal: AbortSignal,
): Promise<ImagePlace> {
  const config = await loadConfig(file);
  const space = await spaceOf(config, user, io);
  const storage = createStorage(config, Date.now, { exclude: () => false, waitsOutLoad: true, keepsFiles: true });
  const store = storage.open(space);
  return {
    ...spacePlace(store, signal),
    async close() {
      await store.close();
      await storage.close();
    },
  };
}

/** Finds the space as it is crawled: in the configuration, by a user's link, or by a discovery. */
async function spaceOf(config: Config, user: string, io: Io): Promise<Place> {
  const configured = config.spaces.find((each) => each.user === user);
  // Without links it is all there, and the index isn't needed.
  if (configured !== undefined && config.link.origins.length === 0) return configured;
  const index = await openIndexIfAny(config);
  try {
    const logger = createLogger({ ...config.log, level: 'warn', destination: io.stderr });
    const spaces = index === null ? config.spaces : await createLinkedSpaces(index.links, logger).read(config);
    const known = (await index?.catalogue.space(user)) ?? null;
    const crawled = new Map(known === null ? [] : [[user, known]]);
    const [space] = await placesOf({ ...config, spaces }, [user], crawled, fillFromFiles);
    if (space === undefined) throw new OvadexError('internal', 'no place of a user');
    return space;
  } finally {
    await index?.close();
  }
}

import type { SpaceSettings } from '../domain/model/space.js';
import { createDescriber, type Describer } from './describe/describer.js';
import type { Roster } from './spaces/space-roster.js';
import type { SyncQueue } from './sync-queue.js';
import type { CrawlDeps } from './sync-run.js';

/** Reads nothing, as where that is switched off. */
const NOTHING: Describer = { look: () => undefined, stop: () => Promise.resolve() };

/** Starts to read what the images of a crawl's spaces are, behind its syncs and where nothing is in trouble. */
export function startDescribing(
  { describe = null, catalogue, tally, owner, sleep, logger }: CrawlDeps,
  crawl: {
    readonly roster: Pick<Roster, 'entries' | 'find'>;
    readonly queue: Pick<SyncQueue, 'isRunning'>;
    /** Whether the storage of a space is down, silent, or may lock credentials out. */
    readonly isInTrouble: (settings: SpaceSettings) => boolean;
  },
): Describer {
  if (describe === null) return NOTHING;
  const { roster, queue, isInTrouble } = crawl;
  return createDescriber({
    ...describe,
    spaces: () =>
      [...roster.entries()]
        .filter(({ settings }) => settings.describe !== false)
        .map(({ space, settings }) => ({ id: space.id, settings })),
    find(spaceId) {
      const settings = roster.find(spaceId)?.settings;
      return settings === undefined || settings.describe === false ? null : { id: spaceId, settings };
    },
    async mustWait({ id, settings }) {
      if (queue.isRunning(id) || isInTrouble(settings)) return true;
      const space = await catalogue.space(settings.user);
      return space === null || space.trouble?.kind === 'unauthorized';
    },
    onRead: tally.imageRead,
    owner,
    steadyClock: () => performance.now(),
    sleep,
    logger,
  });
}

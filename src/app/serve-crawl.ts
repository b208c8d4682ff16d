import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import type { FoundUsers } from '../config/users/user-folders.js';
import type { CrawlDaemon, startCrawlDaemon } from '../crawl/daemon.js';
import { createTurns } from '../crawl/spaces/turns.js';
import type { CrawlDeps } from '../crawl/sync-run.js';
import type { DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import type { LinkedSpaces } from './linked-spaces.js';
import { type LiveUsers, watchLiveUsers } from './live-users.js';

interface ServeCrawlDeps {
  readonly start: typeof startCrawlDaemon;
  readonly crawl: CrawlDeps;
  /** Adds the spaces that users have linked, as they are in the index now. */
  readonly withLinks: LinkedSpaces['read'];
  /** Drops what is kept for other places than these. */
  readonly retain: (places: readonly (SpaceSettings | DiscoverySettings)[]) => void;
  readonly logger: Logger;
}

type Source = Pick<Config, 'spaces' | 'discoveries' | 'userFolders' | 'link' | 'data' | 'webhooks'>;

/** A crawl whose configuration may change, and whose users come and go with their files and links. */
export interface ServedCrawl extends Omit<CrawlDaemon, 'update'> {
  /** Continues with another configuration, and with links as they are now; see `CrawlDaemon.update`. */
  update(next: Source): Promise<void>;
  /** Returns the spaces that the configuration has, by name and by files, as they are without links. */
  configured(): readonly SpaceSettings[];
  /** Returns what the next crawler has to know of this one. */
  handOver(): Predecessor;
}

/** What a crawler leaves to the next one of the same daemon. */
export interface Predecessor {
  /** Its spaces, to tell whose credentials have changed since. */
  readonly settings: ReadonlyMap<string, SpaceSettings>;
  /** The users of its folders of credentials: they stay if a folder can't be read just then. */
  readonly users: FoundUsers;
}

/** Starts the crawl of a configuration; changes are taken in one after the other. */
export async function serveCrawl(
  config: Source,
  before: Predecessor | undefined,
  { start, crawl, withLinks, retain, logger }: ServeCrawlDeps,
): Promise<ServedCrawl> {
  const inTurn = createTurns();
  const watchUsers = (source: Source, known: FoundUsers | undefined): LiveUsers =>
    watchLiveUsers(source, { onChange: () => inTurn(() => take(current, users)), logger, before: known });
  const spacesOf = async (source: Source, its: LiveUsers) =>
    await withLinks({ ...source, spaces: [...source.spaces, ...its.spaces()] });

  const take = async (source: Source, its: LiveUsers): Promise<void> => {
    await daemon.update({ spaces: await spacesOf(source, its), discoveries: source.discoveries });
    retain([...daemon.settings().values(), ...source.discoveries]);
  };

  let current = config;
  let users = watchUsers(config, before?.users);
  await users.ready();
  const daemon = await start({ ...crawl, spaces: await spacesOf(config, users) }, before?.settings);
  users.watch();

  /** Watches the folders of another configuration; those of the former one are let go once it is in effect. */
  const exchange = async (next: Source) => {
    const others = watchUsers(next, users.found());
    try {
      await others.ready();
      await take(next, others);
    } catch (error) {
      await others.stop();
      throw error;
    }
    const former = users;
    users = others;
    others.watch();
    // Not awaited: its last look may be waiting for its turn behind this one.
    void former.stop();
  };
  return {
    ...daemon,
    update: (next) =>
      inTurn(async () => {
        const isSame = next.userFolders === current.userFolders && next.spaces === current.spaces;
        if (isSame) await take(next, users);
        else await exchange(next);
        current = next;
      }),
    configured: () => [...current.spaces, ...users.spaces()],
    handOver: () => ({ settings: daemon.settings(), users: users.found() }),
    async stop() {
      await users.stop();
      await daemon.stop();
    },
  };
}

import type { Logger } from 'pino';
import type { Clock, ImageCatalogue, RemoteStore, SpaceRegistry } from '../domain/ports.js';
import type { DiscoverySettings, Space, SpaceSettings } from '../domain/space.js';
import { discoverSpaces } from './discover.js';

/** Opens the storage below a URL; hrefs of its children come from the same adapter. */
export interface Storage {
  open(place: Pick<SpaceSettings, 'url' | 'auth' | 'connection'>): RemoteStore;
  /** The URL of a collection directly below another one's. */
  childUrl(url: string, name: string): string;
}

export interface RosterEntry {
  readonly space: Space;
  readonly settings: SpaceSettings;
}

/** The spaces that are crawled: those of the configuration and those that discoveries find. */
export interface Roster {
  /** Takes the configured spaces and all that earlier discoveries found; asks no storage. */
  register(): Promise<void>;
  /** Asks the discoveries' storages; answers the users that are new. */
  discover(signal: AbortSignal): Promise<readonly string[]>;
  /** The same array until the roster changes. */
  users(): readonly string[];
  find(spaceId: number): RosterEntry | undefined;
  entries(): Iterable<RosterEntry>;
}

export function createRoster(deps: {
  readonly spaces: readonly SpaceSettings[];
  readonly discoveries: readonly DiscoverySettings[];
  readonly rules: string;
  readonly registry: SpaceRegistry;
  readonly catalogue: Pick<ImageCatalogue, 'spaces'>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger: Logger;
}): Roster {
  const { spaces, discoveries, registry, storage, logger } = deps;
  let found: readonly SpaceSettings[] = [];
  let entries = new Map<number, RosterEntry>();
  let users: readonly string[] = [];

  const configure = async () => {
    // A space that the configuration names itself is not the discovery's any more.
    const settings = new Map([...found, ...spaces].map((each) => [each.user, each]));
    const registered = await registry.configure([...settings.values()], deps.rules, deps.clock());
    entries = new Map();
    for (const space of registered) {
      const its = settings.get(space.user);
      if (its !== undefined) entries.set(space.id, { space, settings: its });
    }
    users = [...settings.keys()];
  };

  const isFoundBy = (discovery: DiscoverySettings, { user, url }: Pick<Space, 'user' | 'url'>) =>
    url === storage.childUrl(discovery.url, user);

  return {
    async register() {
      const known = discoveries.length === 0 ? [] : await deps.catalogue.spaces();
      found = discoveries.flatMap((discovery) =>
        known
          .filter((space) => isFoundBy(discovery, space))
          .map(({ user, url }) => ({ ...discovery, user, url, watchDirectory: null })),
      );
      await configure();
    },

    async discover(signal) {
      if (discoveries.length === 0) return [];
      const before = new Set(users);
      const all: SpaceSettings[] = [];
      for (const discovery of discoveries) {
        const store = storage.open(discovery);
        try {
          const known = found.filter((settings) => isFoundBy(discovery, settings));
          const urlOf = (user: string) => storage.childUrl(discovery.url, user);
          all.push(...(await discoverSpaces(discovery, { store, urlOf, known, signal, logger })));
        } finally {
          await store.close();
        }
      }
      found = all;
      await configure();
      return users.filter((user) => !before.has(user));
    },

    users: () => users,
    find: (spaceId) => entries.get(spaceId),
    entries: () => entries.values(),
  };
}

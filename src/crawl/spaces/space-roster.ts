import type { Logger } from 'pino';
import { assignSpaces } from '../../domain/model/assign-spaces.js';
import { OvadexError } from '../../domain/model/errors.js';
import { compileExclusions } from '../../domain/model/exclusions.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { DiscoverySettings, Space, SpaceSettings } from '../../domain/model/space.js';
import { crawledSpaces } from '../../domain/policy/crawled-spaces.js';
import {
  credentialsAt,
  discoveredSpace,
  type FillCredentials,
  urlOfDiscovered,
} from '../../domain/policy/discovered-space.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { Lead } from '../../domain/ports/leadership.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';
import { type Discovered, discoverSpaces } from './discover.js';
import { createTurns } from './turns.js';

/** Opens the storage below a URL; hrefs of its children come from the same adapter. */
export interface Storage {
  open(place: Pick<DiscoverySettings, 'url' | 'auth' | 'connection' | 'kind' | 'groups'>): RemoteStore;
  /** Whether requests to the host of this URL wait only because others have all places there; if left out, they never do. */
  lacksPlaces?(url: string): boolean;
  /** Returns the URL of a collection directly below another one's. */
  childUrl(url: string, name: string): string;
}

export interface RosterEntry {
  readonly space: Space;
  readonly settings: SpaceSettings;
}

/** The result of asking the discoveries. */
export interface DiscoveryReport {
  /** The discoveries, in the configuration's order. */
  readonly discoveries: readonly DiscoveryStanding[];
  /** Messages about what needs attention besides failures, such as a user found at two places. */
  readonly warnings: readonly string[];
}

export interface DiscoveryStanding {
  readonly url: string;
  /** Number of users found there, or found when it could last be listed. */
  readonly users: number;
  /** Why it could not be listed, or null. */
  readonly trouble: string | null;
}

/**
 * The spaces that are crawled: those of the configuration and those that discoveries find. If other hosts share the index, its
 * leader says which spaces there are; a host that follows crawls those of them that its own configuration has at the same place.
 */
export interface Roster {
  /** Takes the configured spaces and all that earlier discoveries found; asks no storage. */
  register(): Promise<void>;
  /** Registers other spaces and discoveries (the same array: the same discoveries); if it rejects, nothing has changed. */
  reconfigure(next: Pick<RosterSettings, 'spaces' | 'discoveries'>): Promise<void>;
  /**
   * Asks the discoveries' storages, which only a leader does; returns the new users. Trouble is logged when it begins and when
   * it is over.
   */
  discover(signal: AbortSignal): Promise<readonly string[]>;
  /** Takes over what the leader has registered since, if anything; returns whether there was something. */
  follow(): Promise<boolean>;
  /** Returns the ids of spaces that there are and this host's configuration doesn't have. */
  strangers(): readonly number[];
  /** Returns the result of the last discovery. */
  report(): DiscoveryReport;
  /** Returns the users; the same array until the roster changes. */
  users(): readonly string[];
  find(spaceId: number): RosterEntry | undefined;
  entries(): Iterable<RosterEntry>;
  /** Returns the settings of all spaces; the same array until the roster changes. */
  settings(): readonly SpaceSettings[];
  discoveries(): readonly DiscoverySettings[];
}

interface RosterSettings {
  readonly spaces: readonly SpaceSettings[];
  readonly discoveries: readonly DiscoverySettings[];
}

const NO_DISCOVERY: DiscoveryReport = { discoveries: [], warnings: [] };

export interface RosterDeps extends RosterSettings {
  /** Excludes folders that are not users. */
  readonly isExcluded?: (path: ResourcePath) => boolean;
  readonly rules: string;
  readonly registry: SpaceRegistry;
  readonly catalogue: Pick<ImageCatalogue, 'listSpaces'>;
  readonly storage: Storage;
  /** Fills in the credentials of discovered users, if each has others. */
  readonly fillCredentials?: FillCredentials;
  /** Returns the lead while this process has it; if left out, it shares the index with nobody. */
  readonly lead?: () => Lead | null;
  /** Whether the log already reports that nothing answers there; if left out, it never does. */
  readonly isOutageTold?: (discovery: DiscoverySettings) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createRoster(deps: RosterDeps): Roster {
  const { registry, storage, logger } = deps;
  const { fillCredentials = () => Promise.resolve({ problem: 'it has no credentials' }) } = deps;
  let { spaces, discoveries } = deps;
  /** The spaces found by each discovery. */
  let found: readonly (readonly SpaceSettings[])[] = [];
  let gone: readonly (readonly string[])[] = [];
  /** Spaces in the index, the oldest first. */
  let known: readonly Pick<Space, 'id' | 'user' | 'url'>[] = [];
  let entries: ReadonlyMap<number, RosterEntry> = new Map();
  let users: readonly string[] = [];
  let allSettings: readonly SpaceSettings[] = [];
  let told: ReadonlySet<string> = new Set();
  let report: DiscoveryReport = NO_DISCOVERY;
  let strangers: readonly number[] = [];

  const urlAt = (discovery: DiscoverySettings, user: string) => urlOfDiscovered(discovery, user, storage.childUrl);
  const exclusionsOf = (discovery: DiscoverySettings) => {
    const isExcludedHere = compileExclusions(discovery.exclude ?? []);
    return (path: ResourcePath) => isExcludedHere(path) || deps.isExcluded?.(path) === true;
  };
  /** Returns the settings of spaces that the index knows at a discovery, with the credentials of now. */
  const settingsAt = async (discovery: DiscoverySettings, its: readonly string[]): Promise<SpaceSettings[]> => {
    const credentialsOf = credentialsAt(discovery, fillCredentials);
    const settings: SpaceSettings[] = [];
    for (const user of its) {
      const auth = await credentialsOf(user);
      if (!('problem' in auth)) settings.push(discoveredSpace(discovery, { user, url: urlAt(discovery, user), auth }));
    }
    return settings;
  };

  /** Known spaces that a discovery covers, where another place was found for their users. */
  let kept: ReadonlyMap<string, SpaceSettings> = new Map();
  const keep = (user: string, url: string): SpaceSettings | null => {
    const settings = kept.get(user);
    return settings?.url === url ? settings : null;
  };
  const keepKnown = async () => {
    const foundAt = new Map<string, readonly string[]>();
    for (const { user, url } of found.flat()) foundAt.set(user, [...(foundAt.get(user) ?? []), url]);
    const settings: SpaceSettings[] = [];
    for (const { user, url } of known) {
      if (foundAt.get(user)?.includes(url) !== false) continue;
      const place = discoveries.find((discovery) => urlAt(discovery, user) === url);
      if (place !== undefined) settings.push(...(await settingsAt(place, [user])));
    }
    kept = new Map(settings.map((each) => [each.user, each]));
  };

  /** Takes over who has which space; returns messages about what is unclear about that. */
  const configure = async (): Promise<readonly string[]> => {
    await keepKnown();
    const assigned = assignSpaces(spaces, found, new Map(known.map(({ user, url }) => [user, url])), keep);
    const settings = new Map(assigned.spaces.map((each) => [each.user, each]));
    const registered = await registeredBy([...settings.values()]);
    known = registered.toSorted((a, b) => a.id - b.id);
    ({ entries, strangers } = crawledSpaces(registered, settings));
    const crawled = new Set([...entries.values()].map(({ settings: its }) => its));
    allSettings = [...settings.values()].filter((its) => crawled.has(its));
    users = allSettings.map(({ user }) => user);
    return assigned.collisions;
  };

  /** Registers these spaces if this process leads; returns those that there are. */
  const registeredBy = async (wanted: readonly SpaceSettings[]): Promise<readonly Space[]> => {
    if (deps.lead === undefined) return await registry.configure(wanted, deps.rules, deps.clock());
    const lead = deps.lead();
    try {
      if (lead !== null) return await registry.configure(wanted, deps.rules, deps.clock(), lead);
    } catch (error) {
      if (!(error instanceof OvadexError && error.code === 'conflict')) throw error;
    }
    report = NO_DISCOVERY;
    return (await deps.catalogue.listSpaces()).spaces;
  };
  const mayDiscover = () => deps.lead === undefined || deps.lead() !== null;

  const knownAt = (discovery: DiscoverySettings) =>
    known.filter(({ user, url }) => url === urlAt(discovery, user)).map(({ user }) => user);

  const ask = async (
    discovery: DiscoverySettings,
    gone: readonly string[],
    signal: AbortSignal,
  ): Promise<Discovered> => {
    const store = storage.open(discovery);
    try {
      const urlOf = (user: string) => urlAt(discovery, user);
      const goneBefore = new Set(gone);
      return await discoverSpaces(discovery, {
        store,
        urlOf,
        known: knownAt(discovery),
        goneBefore,
        isExcluded: exclusionsOf(discovery),
        credentialsOf: credentialsAt(discovery, fillCredentials),
        signal,
      });
    } finally {
      await store.close();
    }
  };

  const isTold = (url: string) => {
    const discovery = discoveries.find((each) => each.url === url);
    return discovery !== undefined && (deps.isOutageTold?.(discovery) ?? false);
  };
  const tell = ({ discoveries: standings, warnings }: DiscoveryReport) => {
    const failed = standings.filter(({ trouble }) => trouble !== null);
    const begun = failed.filter(({ url }) => !told.has(url) && !isTold(url));
    const before = failed.filter(({ url }) => told.has(url));
    const now = new Set([...[...begun, ...before].map(({ url }) => url), ...warnings]);
    for (const { url, trouble } of begun) {
      logger.warn({ url, detail: trouble }, 'discovery failed; the known spaces stay');
    }
    for (const warning of warnings) if (!told.has(warning)) logger.warn(warning);
    for (const { url } of standings) if (told.has(url) && !now.has(url)) logger.info({ url }, 'discovery works again');
    told = now;
  };

  const register = async () => {
    known = discoveries.length === 0 ? [] : (await deps.catalogue.listSpaces()).spaces.toSorted((a, b) => a.id - b.id);
    const foundNow: SpaceSettings[][] = [];
    for (const discovery of discoveries) {
      const isExcluded = exclusionsOf(discovery);
      const its = knownAt(discovery).filter((user) => !isExcluded(user as ResourcePath));
      foundNow.push(await settingsAt(discovery, its));
    }
    found = foundNow;
    await configure();
  };

  const reconfigure: Roster['reconfigure'] = async (next) => {
    const before = { spaces, discoveries, found, known };
    const isAlike = next.discoveries === discoveries;
    ({ spaces, discoveries } = next);
    try {
      if (isAlike) await configure();
      else await register();
      if (!isAlike) gone = [];
    } catch (error) {
      ({ spaces, discoveries, found, known } = before);
      throw error;
    }
  };
  const takeIn = async (asked: readonly Discovered[]) => {
    const before = new Set(users);
    gone = asked.map((each) => each.gone);
    found = asked.map(({ spaces: ofOne }) => ofOne);
    const collisions = await configure();
    const urlOf = (at: number) => discoveries[at]?.url ?? '';
    const warned = asked.flatMap(({ warnings }, at) => warnings.map((text) => `${urlOf(at)}: ${text}`));
    report = {
      discoveries: asked.map(({ spaces: its, trouble }, at) => ({ url: urlOf(at), users: its.length, trouble })),
      warnings: [...warned, ...collisions],
    };
    tell(report);
    return users.filter((user) => !before.has(user));
  };
  const follow = async () => {
    const { spaces: there } = await deps.catalogue.listSpaces();
    const before = new Map(known.map(({ id, url }) => [id, url]));
    if (there.length === before.size && there.every(({ id, url }) => before.get(id) === url)) return false;
    await register();
    return true;
  };
  // A database may write what is registered later in place of what was registered before.
  const inTurn = createTurns();

  return {
    register: () => inTurn(register),
    reconfigure: (next) => inTurn(() => reconfigure(next)),
    follow: () => inTurn(follow),

    async discover(signal) {
      const configured = discoveries;
      if (discoveries.length === 0 || !mayDiscover()) return [];
      const asked: Discovered[] = [];
      for (const [at, discovery] of discoveries.entries()) asked.push(await ask(discovery, gone[at] ?? [], signal));
      // The discoveries were changed meanwhile, and the new ones are asked after the update; or another host leads by now.
      const isOver = () => configured !== discoveries || !mayDiscover();
      return await inTurn(async () => (isOver() ? [] : await takeIn(asked)));
    },
    strangers: () => strangers,

    report: () => report,

    users: () => users,
    settings: () => allSettings,
    discoveries: () => discoveries,
    find: (spaceId) => entries.get(spaceId),
    entries: () => entries.values(),
  };
}

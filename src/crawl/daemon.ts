import type { ResourcePath } from '../domain/path.js';
import type { ClaimedSync, Crawler } from '../domain/ports.js';
import type { SpaceSettings } from '../domain/space.js';
import { retryAfterRestart } from '../domain/suspension.js';
import { createOrigins } from './origins.js';
import { createRoster, type DiscoveryReport } from './roster.js';
import { type CrawlDeps, LEASE_MS, openSync } from './run-sync.js';
import { startScheduler } from './scheduler.js';
import { createSilence } from './silence.js';
import { startSyncQueue } from './sync-queue.js';
import { type FolderWatch, watchSpace } from './watch.js';
import { createLookInTurn } from './watch-root.js';

/** Everything that crawls for as long as it runs: schedule, queue, hints and discoveries. */
export interface CrawlDaemon extends Crawler {
  /** Those of every space by its user, discovered ones too. */
  settings(): ReadonlyMap<string, SpaceSettings>;
  /** Of the last look at the discoveries. */
  discoveries(): DiscoveryReport;
  stop(): Promise<void>;
}

/**
 * Starts the crawl. Suspended spaces whose credentials differ from `before` go on; those that nothing is known of before
 * are tried once more, as far as no lock-out is near.
 */
export async function startCrawlDaemon(
  deps: CrawlDeps,
  before: ReadonlyMap<string, SpaceSettings> = new Map(),
): Promise<CrawlDaemon> {
  const { index, registry, log, limits, logger } = deps;
  const stopping = new AbortController();
  const roster = createRoster(deps);
  await roster.register();
  const origins = createOrigins(deps.clock, () => queue.wake());
  origins.recall(roster.entries());
  for (const { space, settings } of roster.entries()) {
    if (space.trouble?.kind !== 'unauthorized') continue;
    const access = accessOf(before.get(space.user));
    if (access === accessOf(settings)) continue;
    if (access !== null) await registry.resume(space.id);
    else await registry.retry(space.id, retryAfterRestart(space.trouble.at, space.nextSyncAt, deps.clock()));
  }

  const silence = createSilence();
  const heard = { ...deps, storage: origins.listen(silence.listen(deps.storage)) };
  const waitingSpaces = () => {
    const entries = origins.areAnyClosed() ? [...roster.entries()] : [];
    return entries.filter(({ settings }) => origins.mustWait(settings)).map(({ space }) => space.id);
  };
  const run = (claimed: ClaimedSync, signal: AbortSignal) => {
    const entry = roster.find(claimed.sync.spaceId);
    const start = () => openSync(heard, entry, claimed, signal);
    return entry === undefined ? start() : origins.track(entry.settings, start);
  };
  const silentSpaces = () => {
    const entries = silence.any() ? [...roster.entries()] : [];
    return new Set(entries.filter(({ settings }) => silence.isSilent(settings.url)).map(({ space }) => space.id));
  };
  const queue = startSyncQueue({
    log,
    run,
    waitingSpaces,
    onEnded: (user) => void scheduler.syncEnded(user),
    spacesAtOnce: limits.spacesAtOnce,
    silentSpaces,
    owner: deps.owner,
    leaseMs: LEASE_MS,
    logger,
  });
  let discovering: Promise<void> | null = null;
  const discover = () => {
    discovering ??= discoverSpaces()
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error({ err: error }, 'discovery failed');
      })
      .finally(() => {
        discovering = null;
      });
    return discovering;
  };
  const discoverSpaces = async () => {
    const newUsers = await roster.discover(stopping.signal);
    if (newUsers.length === 0) return;
    logger.info({ users: newUsers.length }, 'discovered new spaces');
    await scheduler.plan(newUsers);
  };

  const scheduler = startScheduler({
    schedule: limits.schedule,
    fullSchedule: limits.fullSchedule,
    poll: limits.poll,
    timeZone: limits.timeZone ?? null,
    users: roster.users,
    registry,
    onRound: discover,
    onFiled: queue.wake,
    clock: deps.clock,
    logger,
  });
  await scheduler.plan(roster.users());

  void discover();

  /** A sync of just these collections; one that runs takes them in. */
  const hint = async (spaceId: number, changed: readonly ResourcePath[]) => {
    const entry = roster.find(spaceId);
    if (entry === undefined || stopping.signal.aborted) return;
    const space = await deps.catalogue.space(entry.space.user);
    if (space === null || space.trouble?.kind === 'unauthorized') return;
    const nearest = await Promise.all(changed.map((collection) => index.nearestKnown(spaceId, collection)));
    const targets = [...new Set(nearest)];
    if (queue.revisit(spaceId, targets)) return;
    await log.request({ spaceId, mode: 'hint', trigger: 'hint', requestedBy: null, targets });
    queue.wake();
  };

  const watches: FolderWatch[] = [];
  const lookInTurn = createLookInTurn();
  for (const { space, settings } of roster.entries()) {
    if (settings.watchDirectory === null) continue;
    const onHint = (collections: readonly ResourcePath[]) => {
      hint(space.id, collections).catch((error: unknown) => logger.error({ err: error }, 'could not follow a hint'));
    };
    watches.push(watchSpace({ directory: settings.watchDirectory, onHint, logger, lookInTurn }));
  }

  return {
    async requestSync(request) {
      const sync = await log.request(request);
      queue.wake();
      return sync;
    },
    acceptRemovals: (spaceId) => registry.acceptRemovals(spaceId),
    refuseRemovals: (spaceId) => registry.refuseRemovals(spaceId),
    resume: (spaceId) => registry.resume(spaceId),
    cancel: (syncId) => log.cancel(syncId),
    discoveries: roster.report,
    settings: () => new Map([...roster.entries()].map(({ space, settings }) => [space.user, settings])),
    async stop() {
      stopping.abort();
      await Promise.all([scheduler.stop(), queue.stop(), discovering, ...watches.map((watch) => watch.stop())]);
    },
  };
}

/** All that a storage may refuse a space for, to be compared; null where nothing is known. */
function accessOf(settings: SpaceSettings | undefined): string | null {
  return settings === undefined ? null : JSON.stringify([settings.auth, settings.connection]);
}

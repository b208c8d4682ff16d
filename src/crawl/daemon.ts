import { isNextcloudUrl } from '../domain/hosts/requests-at-once.js';
import { endsRunningSync, isSameAccess } from '../domain/hosts/space-access.js';
import type { StoragesDown } from '../domain/model/measurements.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { SpaceSettings } from '../domain/model/space.js';
import { MAX_TARGETS } from '../domain/policy/sync-filing.js';
import type { Crawler } from '../domain/ports/crawler.js';
import type { ClaimedSync } from '../domain/ports/sync-log.js';
import { startDescribing } from './describing.js';
import { createFolderWatches } from './folders/folder-watches.js';
import { followThroughTrouble } from './hints/hint-follower.js';
import { createPathHints, type PathHints } from './hints/path-hints.js';
import { createOrigins } from './origins.js';
import { soleLead } from './schedule/lead.js';
import { startScheduler } from './schedule/scheduler.js';
import { createStorageTimes, lookBudget } from './schedule/storage-budget.js';
import { shareRoster } from './shared-roster.js';
import { underAny } from './signals/joined-signals.js';
import { createHosts } from './spaces/hosts.js';
import { reviveSuspended } from './spaces/revive-suspended.js';
import { createRoster, type DiscoveryReport, type RosterEntry } from './spaces/space-roster.js';
import { groupSpaces } from './spaces/spaces-by.js';
import { createSilence } from './spaces/unresponsive-hosts.js';
import { createStandingNews } from './sync-news.js';
import { startSyncQueue } from './sync-queue.js';
import { type CrawlDeps, LEASE_MS, openSync } from './sync-run.js';

/** Everything that crawls continuously: schedule, queue, hints and discoveries. */
export interface CrawlDaemon extends Crawler {
  /** Returns the settings of every space by its user, including discovered ones. */
  settings(): ReadonlyMap<string, SpaceSettings>;
  /** Returns the result of the last discovery. */
  discoveries(): DiscoveryReport;
  storagesDown(): StoragesDown;
  /**
   * Continues with other spaces and discoveries. Syncs of a space that was removed or whose access changed end at a
   * commit and are resumed; the others go on. Discoveries are asked unless they are the very ones of before. May be
   * called again after it has rejected.
   */
  update(next: Pick<CrawlDeps, 'spaces' | 'discoveries'>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Interval of `lookAround`: its lines are not urgent, and reading the state of 100,000 spaces takes some tenths of a
 * second.
 */
const LOOK_EVERY_MS = 60_000;

/**
 * Starts the crawl. Suspended spaces whose credentials differ from `before` go on; those unknown to `before` are tried
 * once more, if no lock-out is near.
 */
export async function startCrawlDaemon(
  deps: CrawlDeps,
  before: ReadonlyMap<string, SpaceSettings> = new Map(),
): Promise<CrawlDaemon> {
  const { index, registry, log, limits, hostLead: lead = soleLead, logger } = deps;
  const stopping = new AbortController();
  const hosts = createHosts({
    places: () => roster.settings(),
    discoveries: () => roster.discoveries(),
    probing: deps.probing ?? deps.storage,
    isInMaintenance: deps.isInMaintenance,
    onBack: (urls) => {
      void scheduler.hurry(usersAt(urls));
      if (roster.discoveries().some(({ url }) => urls.has(url))) void discover();
    },
    listenToOthers: deps.listenToOthers,
    clock: deps.clock,
    sleep: deps.sleep,
    logger,
  });
  const storage = hosts.listen(deps.storage);
  const roster = createRoster({ ...deps, storage, isOutageTold: hosts.isTold, lead: lead.held });
  const usersAt = (urls: ReadonlySet<string>) =>
    [...roster.entries()].filter(({ settings: its }) => urls.has(its.url)).map(({ space }) => space.user);
  const ledIn = lead.held();
  await roster.register();
  const origins = createOrigins(deps.clock, () => queue.wake());
  origins.recall(roster.entries());
  await reviveSuspended(roster.entries(), before, deps);
  const shared = shareRoster(roster, {
    lead,
    ledIn,
    onAccess: (before) => followAccess(before),
    async onTaken() {
      await scheduler.takeOver();
      void discover();
    },
    logger,
  });

  const silence = createSilence();
  const times = createStorageTimes();
  const heard = { ...deps, storage: origins.listen(silence.listen(times.listen(storage))) };
  const spacesOf = groupSpaces(roster, ({ url }) => new URL(url).origin);
  const idsOf = (entries: readonly RosterEntry[]) => entries.map(({ space }) => space.id);
  const waitingSpaces = () => {
    const left = hosts.originsLeft().flatMap(spacesOf);
    const leftToOthers = left.filter(({ settings: its }) => hosts.isLeftToOthers(its));
    return [...origins.waiting(roster), ...idsOf(leftToOthers), ...shared.leftToOthers()];
  };
  const run = (claimed: ClaimedSync, signal: AbortSignal) => {
    const { spaceId } = claimed.sync;
    const start = (its: RosterEntry) => origins.track(its.settings, () => openSync(heard, its, claimed, signal));
    const entry = roster.find(spaceId);
    if (entry !== undefined) return start(entry);
    if (lead === soleLead) return openSync(heard, entry, claimed, signal);
    return shared.runOnceKnown(spaceId, start);
  };
  const isSilent = (spaceId: number) => {
    const entry = roster.find(spaceId);
    return entry !== undefined && silence.isSilent(entry.settings.url);
  };
  const silentSpaces = () => silence.origins().flatMap((origin) => idsOf(spacesOf(origin)));
  const news = createStandingNews({
    logger,
    isHostDown: (spaceId) => {
      const entry = roster.find(spaceId);
      return entry !== undefined && hosts.isDown(entry.settings);
    },
  });
  news.look(roster.entries());
  const queue = startSyncQueue({
    log,
    news,
    run,
    waitingSpaces,
    onEnded(user, spaceId) {
      void scheduler.syncEnded(user);
      describer.look(spaceId);
    },
    spacesAtOnce: limits.spacesAtOnce,
    isSilent,
    silentSpaces,
    owner: deps.owner,
    leaseMs: LEASE_MS,
    sleep: deps.sleep,
    logger,
  });
  const describer = startDescribing(deps, {
    roster,
    queue,
    isInTrouble: (its) => hosts.isDown(its) || silence.isSilent(its.url) || origins.mustWait(its),
  });
  const othersAsked = (before: ReadonlyMap<number, SpaceSettings>) =>
    [...roster.entries()]
      .filter(({ space }) => space.trouble?.kind !== 'unauthorized' && before.has(space.id))
      .filter(({ space, settings: its }) => !isSameAccess(before.get(space.id), its))
      .map(({ space }) => space.user);

  /** Lets everything know whose access is no longer what it was `before`. */
  const followAccess = async (before: ReadonlyMap<number, SpaceSettings>) => {
    const changed = [...before].filter(([id, its]) => !isSameAccess(its, roster.find(id)?.settings));
    news.expect(changed.map(([id]) => id));
    const ended = [...before].filter(([id, its]) => endsRunningSync(its, roster.find(id)?.settings));
    queue.interrupt(ended.map(([id]) => id));
    for (const [, its] of changed) origins.forget(its);
    await reviveSuspended(roster.entries(), new Map([...before.values()].map((its) => [its.user, its])), deps);
    // Finds out at once whether the new credentials work, before they are needed.
    await scheduler.hurry(othersAsked(before));
  };

  let discovering: Promise<void> | null = null;
  const discover = () => {
    discovering ??= underAny([stopping.signal, lead.signal()], (signal) =>
      (lead.held() === null ? shared.registerAnew() : discoverSpaces(signal)).catch((error: unknown) => {
        if (!signal.aborted) logger.error({ err: error }, 'discovery failed');
      }),
    ).finally(() => {
      discovering = null;
    });
    return discovering;
  };
  const discoverSpaces = async (signal: AbortSignal) => {
    const before = shared.crawled();
    const newUsers = await roster.discover(signal);
    await followAccess(before);
    if (newUsers.length === 0) return;
    logger.info({ users: newUsers.length }, 'discovered new spaces');
    await scheduler.plan(newUsers);
  };

  const scheduler = startScheduler({
    schedule: limits.schedule,
    fullSchedule: limits.fullSchedule,
    poll: limits.poll,
    budget: limits.budget ? lookBudget(limits.budget, times, roster.settings) : null,
    timeZone: limits.timeZone ?? null,
    users: roster.users,
    registry,
    lead,
    onRound: discover,
    onFiled: queue.wake,
    clock: deps.clock,
    logger,
  });
  await scheduler.plan(roster.users());

  void discover();

  /** Notices the results of other processes, which sync as well and leave what they find in the index. */
  const lookAround = async () => {
    await shared.look();
    const known = new Map([...roster.entries()].map((entry) => [entry.space.id, entry.settings]));
    const spaces = (await deps.catalogue.listSpaces()).spaces;
    const entries = spaces.flatMap((space) => {
      const its = known.get(space.id);
      return its === undefined ? [] : [{ space, settings: its }];
    });
    news.look(entries);
  };
  const looking = setInterval(() => {
    lookAround().catch((error: unknown) => logger.debug({ err: error }, 'could not read the state of the spaces'));
  }, LOOK_EVERY_MS);

  /** Requests a sync of just these collections; a sync that is running takes them in. */
  const hint = async (spaceId: number, changed: readonly ResourcePath[]) => {
    const entry = roster.find(spaceId);
    if (entry === undefined || stopping.signal.aborted) return;
    const space = await deps.catalogue.space(entry.space.user);
    if (space === null || space.trouble?.kind === 'unauthorized') return;
    const nearest = await Promise.all(changed.map((collection) => index.nearestKnown(spaceId, collection)));
    const targets = [...new Set(nearest)];
    deps.tally.hintsFollowed(targets.length);
    if (targets.length <= MAX_TARGETS && queue.revisit(spaceId, targets)) return;
    await log.request({ spaceId, mode: 'hint', trigger: 'hint', requestedBy: null, targets });
    queue.wake();
  };

  const onHint = followThroughTrouble(hint, logger);
  const watches = createFolderWatches({ onHint, logger });
  /** Made for the first hint, since most daemons never get one. */
  let pathHints: PathHints | null = null;
  const takeHints: Crawler['hint'] = async (hints) => {
    pathHints ??= createPathHints({
      settings: roster.settings,
      entries: roster.entries,
      isExcluded: deps.isExcluded,
      onHint,
      onTaken: deps.tally.hintsReceived,
      steadyClock: () => performance.now(),
    });
    pathHints.take(hints);
  };
  await watches.follow(roster.entries());

  const settings = () => new Map([...roster.entries()].map(({ space, settings: its }) => [space.user, its]));
  /** The spaces at the beginning of an update that failed halfway, so that the next one completes it. */
  let unfinished: ReadonlyMap<number, SpaceSettings> | null = null;

  const update = async (next: Parameters<CrawlDaemon['update']>[0]) => {
    const asksOthers = unfinished !== null || next.discoveries !== roster.discoveries();
    const before = unfinished ?? shared.crawled();
    await roster.reconfigure(next);
    unfinished = before;
    const users = new Map([...before.values()].map((its) => [its.user, its]));
    await followAccess(before);
    await scheduler.plan(roster.users().filter((user) => !users.has(user)));
    await watches.follow(roster.entries());
    unfinished = null;
    queue.wake();
    if (asksOthers) void (discovering ?? Promise.resolve()).then(discover);
  };

  return {
    async requestSync(request) {
      const sync = await log.request(request);
      queue.wake();
      return sync;
    },
    acceptRemovals: (spaceId) => registry.acceptRemovals(spaceId),
    refuseRemovals: (spaceId) => registry.refuseRemovals(spaceId),
    async resume(spaceId) {
      news.expect([spaceId]);
      await registry.resume(spaceId);
    },
    async loggedIn(user) {
      const space = await deps.catalogue.space(user);
      const entry = space?.trouble?.kind === 'unauthorized' ? roster.find(space.id) : undefined;
      // Elsewhere a password that was changed makes no other one good again.
      if (entry !== undefined && isNextcloudUrl(entry.settings.url)) await registry.retryAfterLogIn(entry.space.id);
    },
    cancel: (syncId) => log.cancel(syncId),
    hint: takeHints,
    discoveries: roster.report,
    storagesDown: hosts.counts,
    settings,
    update: (next) => shared.inTurn(() => update(next)),
    async stop() {
      stopping.abort();
      clearInterval(looking);
      pathHints?.stop();
      await Promise.all([describer.stop(), scheduler.stop(), queue.stop(), hosts.stop(), discovering, watches.stop()]);
      news.stop();
    },
  };
}

import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import { createCrawlTally } from '../crawl/crawl-metrics.js';
import { followThroughTrouble } from '../crawl/hints/hint-follower.js';
import { createPathHints, type PathHints } from '../crawl/hints/path-hints.js';
import { isNextcloudUrl } from '../domain/hosts/requests-at-once.js';
import { compileExclusions, exclusionsOf } from '../domain/model/exclusions.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { Space, SpaceSettings } from '../domain/model/space.js';
import type { Clock } from '../domain/ports/clock.js';
import type { Crawling } from './crawling/start-crawling.js';
import type { CrawlerThread } from './crawling/thread-protocol.js';
import { unlessAway } from './crawling/unless-away.js';
import type { Index } from './engines/index-ports.js';
import { createLinksOnDemand } from './links-on-demand.js';
import { type LiveUsers, watchLiveUsers } from './live-users.js';
import { syncIntervalMs } from './settings/settings-in-effect.js';

/** A space that is new on another host is given hints within this time; to read all spaces takes some tenths of a second. */
const KNOWN_FOR_MS = 60_000;
const NO_DELAY = { median: 0, p99: 0, max: 0 };

/**
 * What a host does that answers requests and doesn't crawl: it files what is to be done as rows of the index, where the
 * crawlers of other hosts find it within a second, and writes tokens and links itself.
 */
export async function crawlElsewhere(
  config: Config,
  { index, clock, logger }: { readonly index: Index; readonly clock: Clock; readonly logger: Logger },
): Promise<Crawling> {
  const tally = createCrawlTally();
  let current = config;
  /** Nothing is crawled by them here; but nobody may link a storage in place of a space that is configured. */
  let users = await watchUsers(config, logger);
  const links = createLinksOnDemand(config, {
    crawler: {
      config: () => current,
      configured: () => [...current.spaces, ...users.spaces()],
      index: () => index,
      // Crawlers look for changed links themselves.
      relink: () => Promise.resolve(),
    },
    logger,
  });
  let pathHints: PathHints | null = null;
  let known: { readonly at: number; readonly spaces: readonly Space[]; readonly settings: readonly SpaceSettings[] } = {
    at: Number.NEGATIVE_INFINITY,
    spaces: [],
    settings: [],
  };

  const learnSpaces = async () => {
    const now = performance.now();
    if (now - known.at < KNOWN_FOR_MS) return;
    const { spaces } = await index.catalogue.listSpaces();
    // All that hints ask of a space is whose it is and where.
    const settings = spaces.map(
      ({ user, url }): SpaceSettings => ({ user, url, auth: { type: 'none' }, watchDirectory: null }),
    );
    known = { at: now, spaces, settings };
  };

  const fileHint = async (spaceId: number, changed: readonly ResourcePath[]) => {
    const user = known.spaces.find(({ id }) => id === spaceId)?.user;
    const space = user === undefined ? null : await index.catalogue.space(user);
    if (space === null || space.trouble?.kind === 'unauthorized') return;
    const nearest = await Promise.all(changed.map((collection) => index.images.nearestKnown(spaceId, collection)));
    const targets = [...new Set(nearest)];
    tally.hintsFollowed(targets.length);
    await index.syncs.request({ spaceId, mode: 'hint', trigger: 'hint', requestedBy: null, targets });
  };

  const hintsIn = (settings: Config) =>
    createPathHints({
      settings: () => known.settings,
      entries: () =>
        known.spaces.flatMap((space, at) => {
          const its = known.settings[at];
          return its === undefined ? [] : [{ space, settings: its }];
        }),
      isExcluded: compileExclusions(exclusionsOf(settings.crawl)),
      onHint: followThroughTrouble(fileHint, logger),
      onTaken: tally.hintsReceived,
      steadyClock: () => performance.now(),
    });

  const crawler: CrawlerThread<Config> = {
    ready: links.watch,
    check: index.probe,
    requestSync: (request) => index.syncs.request(request),
    acceptRemovals: (spaceId) => index.spaces.acceptRemovals(spaceId),
    refuseRemovals: (spaceId) => index.spaces.refuseRemovals(spaceId),
    resume: (spaceId) => index.spaces.resume(spaceId),
    cancel: (syncId) => index.syncs.cancel(syncId),
    async loggedIn(user) {
      const space = await index.catalogue.space(user);
      // Elsewhere a password that was changed makes no other one good again.
      if (space?.trouble?.kind === 'unauthorized' && isNextcloudUrl(space.url)) {
        await index.spaces.retryAfterLogIn(space.id);
      }
    },
    async hint(hints) {
      await learnSpaces();
      pathHints ??= hintsIn(current);
      pathHints.take(hints);
    },
    startLink: links.startLink,
    keepPassword: links.keepPassword,
    linkStanding: links.linkStanding,
    endLink: links.endLink,
    forget: index.forget,
    recordLogIn: (token) => index.tokens.recordLogIn(token),
    createOwnToken: (token) => index.tokens.createOwn(token),
    setTokenDisabled: ({ user, id, at }) => index.tokens.setDisabled(user, id, at),
    endToken: ({ user, id, at }) => index.tokens.end(user, id, at),
    noteTokenUses: (uses) => index.tokens.noteUses(uses),
    measure: async () => ({
      counts: tally.read(),
      ...(await unlessAway(async () => ({ totals: await index.totals(clock(), syncIntervalMs(current)) }))),
      loop: NO_DELAY,
    }),
    async reload(next) {
      const former = users;
      users = await watchUsers(next, logger);
      current = next;
      pathHints?.stop();
      pathHints = null;
      await former.stop();
    },
    async stop() {
      pathHints?.stop();
      await Promise.all([links.stop(), users.stop()]);
    },
  };
  return { crawler, terminate: () => Promise.resolve() };
}

async function watchUsers(config: Config, logger: Logger): Promise<LiveUsers> {
  const users = watchLiveUsers(config, { onChange: () => Promise.resolve(), logger });
  await users.ready();
  users.watch();
  return users;
}

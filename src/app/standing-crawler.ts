import type { Config } from '../config/schema.js';
import { createTurns } from '../crawl/spaces/turns.js';
import { OvadexError } from '../domain/model/errors.js';
import type { SpaceSettings } from '../domain/model/space.js';
import type { Links } from '../domain/ports/links.js';
import type { CrawlerHandle } from './crawler.js';
import type { CrawlerThread } from './crawling/thread-protocol.js';
import type { Predecessor, ServedCrawl } from './serve-crawl.js';

/** A crawler that outlives changes of its configuration. */
export type StandingCrawler = Omit<CrawlerThread<Config>, 'measure' | keyof Links> & {
  measure(): ReturnType<CrawlerHandle['measure']>;
  /** The configuration in effect. Throws OvadexError `unavailable`, as `index` does, while nothing is crawled. */
  config(): Config;
  /** The spaces that it has, by name and by files in folders of credentials, as they are without links. */
  configured(): readonly SpaceSettings[];
  /** The index of the crawler in effect. */
  index(): Pick<CrawlerHandle, 'links' | 'catalogue' | 'audit'>;
  /** Takes over the users' links as they are in the index now. */
  relink(): Promise<void>;
};

interface Running {
  readonly config: Config;
  readonly crawler: CrawlerHandle;
  readonly daemon: ServedCrawl;
}

/** Syncs end at a commit within seconds; if they don't, the health check fails after this time. */
const RELOAD_WITHIN_MS = 60_000;

/**
 * Crawls by one configuration after another. If only spaces and discoveries change, the syncs of other spaces are not
 * disturbed. Any other change replaces the crawler, but only if the index can be opened and written; otherwise the old
 * one goes on. A reload that rejects may be repeated; until it succeeds, the old configuration stays in effect or, if
 * the index failed between two crawlers, nothing is crawled.
 */
export function createStandingCrawler(
  config: Config,
  create: (config: Config) => Promise<CrawlerHandle>,
  steadyClock: () => number = () => performance.now(),
): StandingCrawler {
  let running: Running | null = null;
  let before: Predecessor | undefined;
  /** Whether an update failed halfway: then only a new crawler is consistent again. */
  let isHalf = false;
  /** When the exchange of crawlers began, in ms; meanwhile there is no index to ask. Null outside of it. */
  let exchangingSince: number | null = null;
  let isStopping = false;

  const start = async (next: Config, crawler: CrawlerHandle) => {
    running = { config: next, crawler, daemon: await crawler.serve(before) };
  };
  const end = async () => {
    if (running === null) return;
    const { daemon, crawler } = running;
    before = daemon.handOver();
    running = null;
    await daemon.stop();
    await crawler.stop();
  };
  const exchange = async (next: Config) => {
    const crawler = await create(next);
    const orClose = async (step: () => Promise<void>) => {
      try {
        await step();
      } catch (error) {
        await crawler.stop();
        throw error;
      }
    };
    await orClose(crawler.check);
    if (isStopping) return await crawler.stop();
    exchangingSince = steadyClock();
    try {
      await orClose(end);
      await orClose(() => start(next, crawler));
      isHalf = false;
    } finally {
      exchangingSince = null;
    }
  };
  const update = async ({ crawler, daemon }: Running, next: Config) => {
    try {
      await daemon.update(next);
      running = { config: next, crawler, daemon };
    } catch (error) {
      isHalf = !(error instanceof OvadexError);
      throw error;
    }
  };
  const current = (): Running => {
    if (running === null) throw new OvadexError('unavailable', 'nothing is being crawled: the index cannot be used');
    return running;
  };

  const reload = async (next: Config) => {
    if (running !== null && !isHalf && areAlikeButForSpaces(running.config, next)) await update(running, next);
    else await exchange(next);
  };
  const inTurn = createTurns();

  let started: Promise<void> | null = null;
  return {
    ready() {
      // An index that can't be opened keeps the daemon from starting, so its error must surface here.
      started ??= (async () => await start(config, await create(config)))();
      return started;
    },
    requestSync: async (request) => await current().daemon.requestSync(request),
    acceptRemovals: async (spaceId) => await current().daemon.acceptRemovals(spaceId),
    refuseRemovals: async (spaceId) => await current().daemon.refuseRemovals(spaceId),
    resume: async (spaceId) => await current().daemon.resume(spaceId),
    loggedIn: async (user) => await current().daemon.loggedIn(user),
    cancel: async (syncId) => await current().daemon.cancel(syncId),
    hint: async (hints) => await current().daemon.hint(hints),
    forget: async (user) => await current().crawler.forget(user),
    recordLogIn: async (token) => await current().crawler.tokens.recordLogIn(token),
    createOwnToken: async (token) => await current().crawler.tokens.createOwn(token),
    setTokenDisabled: async ({ user, id, at }) => await current().crawler.tokens.setDisabled(user, id, at),
    endToken: async ({ user, id, at }) => await current().crawler.tokens.end(user, id, at),
    noteTokenUses: async (uses) => await current().crawler.tokens.noteUses(uses),
    measure: async () => await current().crawler.measure(),
    async check() {
      if (exchangingSince === null) return await current().crawler.check();
      if (steadyClock() - exchangingSince < RELOAD_WITHIN_MS) return;
      throw new OvadexError('internal', `the crawler did not reload within ${RELOAD_WITHIN_MS} ms`);
    },
    reload: (next) => inTurn(() => reload(next)),
    config: () => current().config,
    configured: () => current().daemon.configured(),
    index: () => current().crawler,
    relink: () => inTurn(() => reload(current().config)),
    async stop() {
      isStopping = true;
      // One that a reload is about to start would go on behind the stop, with leases that nobody gives back.
      await inTurn(end);
    },
  };
}

/** The sections that a crawler is built from, besides spaces and discoveries. */
const MADE_OF = ['crawl', 'data', 'describe', 'maintenance'] as const;

function areAlikeButForSpaces(a: Config, b: Config): boolean {
  return MADE_OF.every((section) => JSON.stringify(a[section]) === JSON.stringify(b[section]));
}

import type { Config } from '../config/schema.js';
import type { CrawlDaemon } from '../crawl/daemon.js';
import { OvadexError } from '../domain/model/errors.js';
import type { SpaceSettings } from '../domain/model/space.js';
import type { CrawlerHandle } from './crawler.js';
import type { CrawlerThread } from './thread-protocol.js';

/** A crawler that stands however its configuration changes. */
export type StandingCrawler = Omit<CrawlerThread<Config>, 'measure'> & {
  measure(): ReturnType<CrawlerHandle['measure']>;
};

interface Running {
  readonly config: Config;
  readonly crawler: CrawlerHandle;
  readonly daemon: CrawlDaemon;
}

/** Syncs end at a commit within seconds; whoever checks is told when they don't. */
const RELOAD_WITHIN_MS = 60_000;

/**
 * Crawls by one configuration after the other. Where only spaces and discoveries differ, what goes on in other spaces is
 * not disturbed. For anything else a new crawler takes the place of the old one, which goes on unless the index can be
 * opened and written. A reload that rejects may be repeated; until it succeeds the old configuration holds, or, if the index
 * failed in the moment between two crawlers, nothing is crawled.
 */
export function createStandingCrawler(
  config: Config,
  create: (config: Config) => CrawlerHandle,
  steadyClock: () => number = () => performance.now(),
): StandingCrawler {
  let running: Running | null = null;
  /** Of the last one that ran: whose credentials have changed since then. */
  let before: ReadonlyMap<string, SpaceSettings> | undefined;
  /** An update broke off where nobody expected it: only a new crawler is whole again. */
  let isHalf = false;
  /** Between two crawlers there is no index to ask. */
  let exchangingSince: number | null = null;

  const start = async (next: Config, crawler: CrawlerHandle) => {
    running = { config: next, crawler, daemon: await crawler.serve(before) };
  };
  const end = async () => {
    if (running === null) return;
    const { daemon, crawler } = running;
    before = daemon.settings();
    running = null;
    await daemon.stop();
    await crawler.stop();
  };
  const exchange = async (next: Config) => {
    const crawler = create(next);
    const orClose = async (step: () => Promise<void>) => {
      try {
        await step();
      } catch (error) {
        await crawler.stop();
        throw error;
      }
    };
    await orClose(crawler.check);
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
    if (running === null)
      throw new OvadexError('unavailable', 'nothing is crawled at present: the index is in trouble');
    return running;
  };

  let started: Promise<void> | null = null;
  return {
    ready() {
      // An index that can't be opened now keeps the daemon from starting, and its error has to come out here.
      started ??= (async () => await start(config, create(config)))();
      return started;
    },
    requestSync: async (request) => await current().daemon.requestSync(request),
    acceptRemovals: async (spaceId) => await current().daemon.acceptRemovals(spaceId),
    refuseRemovals: async (spaceId) => await current().daemon.refuseRemovals(spaceId),
    resume: async (spaceId) => await current().daemon.resume(spaceId),
    cancel: async (syncId) => await current().daemon.cancel(syncId),
    forget: async (user) => await current().crawler.forget(user),
    recordLogIn: async (token) => await current().crawler.tokens.recordLogIn(token),
    setTokenDisabled: async ({ user, id, at }) => await current().crawler.tokens.setDisabled(user, id, at),
    endToken: async ({ user, id, at }) => await current().crawler.tokens.end(user, id, at),
    noteTokenUses: async (uses) => await current().crawler.tokens.noteUses(uses),
    measure: async () => await current().crawler.measure(),
    async check() {
      if (exchangingSince === null) return await current().crawler.check();
      if (steadyClock() - exchangingSince < RELOAD_WITHIN_MS) return;
      throw new OvadexError('internal', `the crawler did not reload within ${RELOAD_WITHIN_MS} ms`);
    },
    async reload(next) {
      if (running !== null && !isHalf && areAlikeButForSpaces(running.config, next)) await update(running, next);
      else await exchange(next);
    },
    stop: end,
  };
}

/** The sections of a configuration that a crawler is made of, spaces and discoveries apart. */
const MADE_OF = ['crawl', 'data', 'maintenance'] as const;

function areAlikeButForSpaces(a: Config, b: Config): boolean {
  return MADE_OF.every((section) => JSON.stringify(a[section]) === JSON.stringify(b[section]));
}

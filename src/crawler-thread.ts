import { parentPort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from './config/schema.js';
import type { CrawlDaemon } from './crawl/daemon.js';
import { createCrawlTally } from './crawl/tally.js';
import { serveCrawler } from './crawl/worker.js';
import { type CrawlerHandle, createCrawler } from './crawler.js';
import { OvadexError } from './domain/errors.js';
import { watchEventLoop } from './platform/event-loop.js';
import { createLogger } from './platform/logger.js';

/**
 * The crawler's own thread: event loop, connection and storage clients of its
 * own, so that no answer waits for a crawl's parsing or commits. Started by `app.ts`; until `ready` is called it only
 * loads itself.
 */
if (parentPort === null) throw new OvadexError('internal', 'crawler-thread.js is started as a worker thread only');

const tally = createCrawlTally();
const readLoop = watchEventLoop();
let logger: Logger | undefined;
let running: { readonly crawler: CrawlerHandle; readonly daemon: CrawlDaemon } | null = null;

/** Syncs end at a commit within seconds; whoever checks is told when they don't. */
const RELOAD_WITHIN_MS = 60_000;
/** Between two crawlers there is no index to ask. */
let reloadingSince: number | null = null;

const begin = async (settings: Config, before?: ReturnType<CrawlDaemon['settings']>) => {
  logger ??= createLogger(settings.log);
  const crawler = createCrawler(settings, { logger, tally });
  running = { crawler, daemon: await crawler.serve(before) };
};
const end = async () => {
  await running?.daemon.stop();
  await running?.crawler.stop();
};
const now = () => {
  if (running === null) throw new OvadexError('unavailable', 'the crawler is not there yet');
  return running;
};

serveCrawler<Config>(parentPort, {
  ready: (config) => begin(config),
  requestSync: async (request) => await now().daemon.requestSync(request),
  acceptRemovals: async (spaceId) => await now().daemon.acceptRemovals(spaceId),
  resume: async (spaceId) => await now().daemon.resume(spaceId),
  cancel: async (syncId) => await now().daemon.cancel(syncId),
  async check() {
    if (reloadingSince === null) return await now().crawler.check();
    if (performance.now() - reloadingSince < RELOAD_WITHIN_MS) return;
    throw new OvadexError('internal', `the crawler did not reload within ${RELOAD_WITHIN_MS} ms`);
  },
  forget: async (user) => await now().crawler.forget(user),
  measure: async () => ({ ...(await now().crawler.measure()), loop: readLoop() }),
  async reload(next) {
    reloadingSince = performance.now();
    try {
      const before = now().daemon.settings();
      await end();
      await begin(next, before);
      reloadingSince = null;
    } catch (error) {
      // Half a crawler is none: ending the thread ends the daemon, and whoever watches that starts it anew.
      setImmediate(() => {
        throw error;
      });
      throw error;
    }
  },
  stop: end,
});

import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from './config/schema.js';
import { createCrawlTally } from './crawl/tally.js';
import { serveCrawler } from './crawl/worker.js';
import { createCrawler } from './crawler.js';
import { OvadexError } from './domain/errors.js';
import { watchEventLoop } from './platform/event-loop.js';
import { createLogger } from './platform/logger.js';

/**
 * The crawler's own thread: event loop, connection and storage clients of its
 * own, so that no answer waits for a crawl's parsing or commits. Started by `app.ts` with the
 * configuration as its data.
 */
if (parentPort === null) throw new OvadexError('internal', 'crawler-thread.js is started as a worker thread only');

const config = workerData as Config;
const logger = createLogger(config.log);
const tally = createCrawlTally();
const readLoop = watchEventLoop();
let crawler = createCrawler(config, { logger, tally });
let daemon = await crawler.serve();

/** Syncs end at a commit within seconds; whoever checks is told when they don't. */
const RELOAD_WITHIN_MS = 60_000;
/** Between two crawlers there is no index to ask. */
let reloadingSince: number | null = null;

const end = async () => {
  await daemon.stop();
  await crawler.stop();
};

serveCrawler<Config>(parentPort, {
  ready: () => Promise.resolve(),
  requestSync: (request) => daemon.requestSync(request),
  acceptRemovals: (spaceId) => daemon.acceptRemovals(spaceId),
  refuseRemovals: (spaceId) => daemon.refuseRemovals(spaceId),
  resume: (spaceId) => daemon.resume(spaceId),
  cancel: (syncId) => daemon.cancel(syncId),
  async check() {
    if (reloadingSince === null) return await crawler.check();
    if (performance.now() - reloadingSince < RELOAD_WITHIN_MS) return;
    throw new OvadexError('internal', `the crawler did not reload within ${RELOAD_WITHIN_MS} ms`);
  },
  forget: (user) => crawler.forget(user),
  recordLogIn: (token) => crawler.tokens.recordLogIn(token),
  setTokenDisabled: ({ user, id, at }) => crawler.tokens.setDisabled(user, id, at),
  endToken: ({ user, id, at }) => crawler.tokens.end(user, id, at),
  noteTokenUses: (uses) => crawler.tokens.noteUses(uses),
  measure: async () => ({ ...(await crawler.measure()), loop: readLoop() }),
  async reload(next) {
    reloadingSince = performance.now();
    try {
      const before = daemon.settings();
      await end();
      crawler = createCrawler(next, { logger, tally });
      daemon = await crawler.serve(before);
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

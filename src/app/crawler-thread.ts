import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../config/schema.js';
import { createCrawlTally } from '../crawl/crawl-metrics.js';
import { OvadexError } from '../domain/model/errors.js';
import { watchEventLoop } from '../platform/event-loop.js';
import { createLogger } from '../platform/log/logger.js';
import { giveMemoryBackAfterLoad } from '../platform/memory-after-load.js';
import { createCrawler } from './crawler.js';
import { serveCrawler } from './crawling/thread-protocol.js';
import { createLinksOnDemand } from './links-on-demand.js';
import { createStandingCrawler } from './standing-crawler.js';

/**
 * The entry point of the crawler thread, which has its own event loop, connection and storage clients, so that no
 * response waits for a crawl's parsing or commits. Started by `app.ts` with the configuration as its data.
 */
if (parentPort === null) throw new OvadexError('internal', 'crawler-thread.js is started as a worker thread only');

const config = workerData as Config;
const logger = createLogger(config.log);
const tally = createCrawlTally();
const readLoop = watchEventLoop();
// A first crawl takes far more than the rounds that follow.
const stopGivingBack = giveMemoryBackAfterLoad(() => {});
const crawler = createStandingCrawler(config, (next) => createCrawler(next, { logger, tally }));
const links = createLinksOnDemand(config, { crawler, logger });

serveCrawler<Config>(parentPort, {
  ...crawler,
  ...links,
  async ready() {
    await crawler.ready();
    await links.watch();
  },
  measure: async () => ({ ...(await crawler.measure()), loop: readLoop() }),
  async stop() {
    stopGivingBack();
    await links.stop();
    await crawler.stop();
  },
});

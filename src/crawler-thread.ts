import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from './config/schema.js';
import { serveCrawler } from './crawl/worker.js';
import { createCrawler } from './crawler.js';
import { OvadexError } from './domain/errors.js';
import { createLogger } from './platform/logger.js';

/**
 * The crawler's own thread: event loop, connection and storage clients of its
 * own, so that no answer waits for a crawl's parsing or commits. Started by `app.ts` with the
 * configuration as its data.
 */
if (parentPort === null) throw new OvadexError('internal', 'crawler-thread.js is started as a worker thread only');

const config = workerData as Config;
const logger = createLogger(config.log);
let crawler = createCrawler(config, { logger });
let daemon = await crawler.serve();

const end = async () => {
  await daemon.stop();
  await crawler.stop();
};

serveCrawler<Config>(parentPort, {
  ready: () => Promise.resolve(),
  requestSync: (request) => daemon.requestSync(request),
  acceptRemovals: (spaceId) => daemon.acceptRemovals(spaceId),
  resume: (spaceId) => daemon.resume(spaceId),
  cancel: (syncId) => daemon.cancel(syncId),
  async reload(next) {
    try {
      const before = daemon.settings();
      await end();
      crawler = createCrawler(next, { logger });
      daemon = await crawler.serve(before);
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

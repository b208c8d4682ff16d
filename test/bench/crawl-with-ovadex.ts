/**
 * Our side of the crawl bench, a program of its own: a space's first crawl by the
 * crawler as it is built, from opening the index to the last commit. Prints how
 * many images it saw and how long it took.
 * Usage: crawl-with-ovadex.ts CONFIG USER
 */
import type { TimedRun } from './crawl.js';

// What tsx makes of the sources is not what users run.
const built = (path: string): Promise<unknown> => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { loadConfig } = (await built('config/load.js')) as typeof import('../../src/config/load.js');
const { createCrawler } = (await built('crawler.js')) as typeof import('../../src/crawler.js');
const { createLogger } = (await built('platform/logger.js')) as typeof import('../../src/platform/logger.js');

const [configFile = '', user = ''] = process.argv.slice(2);
const config = await loadConfig(configFile);
const logger = createLogger({ ...config.log, level: 'error' });

const startedAt = performance.now();
const crawler = createCrawler(config, { logger });
const [sync] = await crawler.syncNow({
  users: [user],
  mode: 'full',
  signal: new AbortController().signal,
  onProgress: () => {},
});
await crawler.stop();
const elapsedMs = performance.now() - startedAt;

if (sync?.status !== 'PROCESSED') throw new Error(`the crawl failed: ${sync?.errors.join('; ')}`);
const run: TimedRun = { images: sync.counts.images, elapsedMs };
process.stdout.write(JSON.stringify(run));

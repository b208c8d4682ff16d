/**
 * Our side of the crawl bench, a program of its own: crawls a space into new
 * indexes and, to tell both apart, lists it without any index, by the crawler
 * as it is built. Prints how many images it saw and how long the last of several
 * passes took: a daemon has crawled before.
 * Usage: crawl-with-ovadex.ts CONFIG USER PASSES
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFile } from '../../src/config/secret-file.js';
import { type ResourcePath, ROOT } from '../../src/domain/path.js';
import type { TimedRun } from './crawl.js';

// What tsx makes of the sources is not what users run.
const built = (path: string): Promise<unknown> => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { loadConfig } = (await built('config/load.js')) as typeof import('../../src/config/load.js');
const { createCrawler } = (await built('crawler.js')) as typeof import('../../src/crawler.js');
const { createLogger } = (await built('platform/logger.js')) as typeof import('../../src/platform/logger.js');
const { createWebdav } = (await built('webdav/client.js')) as typeof import('../../src/webdav/client.js');
const { startWalk } = (await built('crawl/walk.js')) as typeof import('../../src/crawl/walk.js');

const [configFile = '', user = '', passes = ''] = process.argv.slice(2);
const config = await loadConfig(configFile);
const logger = createLogger({ ...config.log, level: 'error' });
const { signal } = new AbortController();

/** From opening a new index to the last commit. */
async function crawl(): Promise<TimedRun> {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-bench-'));
  try {
    const startedAt = performance.now();
    const crawler = createCrawler({ ...config, data: { directory } }, { logger });
    const [sync] = await crawler.syncNow({ users: [user], mode: 'full', signal, onProgress: () => {} });
    await crawler.stop();
    const elapsedMs = performance.now() - startedAt;
    if (sync?.status !== 'PROCESSED') throw new Error(`the crawl failed: ${sync?.errors.join('; ')}`);
    return { images: sync.counts.images, elapsedMs };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The same listings with their verdicts, and nothing done with them. */
async function list(): Promise<TimedRun> {
  const [space] = config.spaces;
  if (space === undefined) throw new Error(`${configFile} has no space`);
  let images = 0;
  const startedAt = performance.now();
  const webdav = createWebdav({
    timeouts: config.crawl.timeouts,
    requestsPerHost: config.crawl.requestsPerHost,
    exclude: () => false,
    readSecret: readSecretFile,
    clock: Date.now,
    random: Math.random,
    userAgent: 'ovadex-bench',
  });
  const store = webdav.open(space);
  const visit = async (collection: ResourcePath) => {
    const listing = await store.list(collection, signal);
    if (!listing.verdict.complete) throw new Error(listing.verdict.detail);
    images += listing.images.length;
    return listing.collections.map(({ path }) => path);
  };
  await startWalk({ from: [ROOT], concurrency: config.crawl.requestsPerSpace, visit, signal }).done;
  await webdav.close();
  return { images, elapsedMs: performance.now() - startedAt };
}

async function lastOf(run: () => Promise<TimedRun>): Promise<TimedRun> {
  let last = await run();
  for (let pass = 1; pass < Number(passes); pass++) last = await run();
  return last;
}

process.stdout.write(JSON.stringify({ crawl: await lastOf(crawl), list: await lastOf(list) }));

/**
 * Our side of the crawl benches, a program of its own: crawls a space into new
 * indexes and, to tell both apart, lists it without any index, by the crawler
 * as it is built. Prints what it saw and how long the last of several
 * passes took: a daemon has crawled before.
 * Usage: crawl-with-ovadex.ts CONFIG USER PASSES
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFile } from '../../../src/config/source/secret-file.js';
import { requestsAtOnce } from '../../../src/domain/hosts/requests-at-once.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { built } from '../built.js';
import type { CrawlRun } from './crawl.js';

const { loadConfig } = await built<typeof import('../../../src/config/load.js')>('config/load.js');
const { createCrawler } = await built<typeof import('../../../src/app/crawler.js')>('app/crawler.js');
const { createLogger } = await built<typeof import('../../../src/platform/log/logger.js')>('platform/log/logger.js');
const { createWebdav } = await built<typeof import('../../../src/webdav/client.js')>('webdav/client.js');
const { startWalk } = await built<typeof import('../../../src/crawl/sync/walk.js')>('crawl/sync/walk.js');

const [configFile = '', user = '', passes = ''] = process.argv.slice(2);
const config = await loadConfig(configFile);
const logger = createLogger({ ...config.log, level: 'error' });
const { signal } = new AbortController();

type Seen = Pick<CrawlRun, 'images' | 'requests'>;

/** From opening a new index to the last commit. */
async function crawl(directory: string): Promise<Seen> {
  const crawler = await createCrawler({ ...config, data: { ...config.data, directory } }, { logger });
  const [sync] = await crawler.syncNow({ users: [user], mode: 'full', signal, onProgress: () => {} });
  await crawler.stop();
  if (sync?.status !== 'PROCESSED') throw new Error(`the crawl failed: ${sync?.errors.join('; ')}`);
  return sync.counts;
}

/** The same listings with their verdicts, and nothing done with them. */
async function list(): Promise<Seen> {
  const [space] = config.spaces;
  if (space === undefined) throw new Error(`${configFile} has no space`);
  let images = 0;
  let requests = 0;
  const webdav = createWebdav({
    timeouts: config.crawl.timeouts,
    requestsPerHost: requestsAtOnce(config.crawl.requestsPerHost, 'crawl', false),
    exclude: () => false,
    readSecret: readSecretFile,
    clock: Date.now,
    steadyClock: () => performance.now(),
    random: Math.random,
    userAgent: 'ovadex-bench',
  });
  const store = webdav.open(space);
  const visit = async (collection: ResourcePath) => {
    const listing = await store.list(collection, signal);
    if (!listing.verdict.complete) throw new Error(listing.verdict.detail);
    images += listing.images.length;
    requests += listing.requests;
    return listing.collections.map(({ path }) => path);
  };
  await startWalk({ from: [ROOT], concurrency: config.crawl.requestsPerSpace, visit, signal }).done;
  await webdav.close();
  return { images, requests };
}

async function lastOf(run: (scratch: string) => Promise<Seen>): Promise<CrawlRun> {
  let last: CrawlRun | null = null;
  for (let pass = 1; pass <= Number(passes); pass++) {
    const scratch = mkdtempSync(join(tmpdir(), 'ovadex-bench-'));
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const { images, requests } = await run(scratch);
    const elapsedMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuBefore);
    rmSync(scratch, { recursive: true });
    last = { images, requests, elapsedMs, cpuMs: (cpu.user + cpu.system) / 1000 };
  }
  if (last === null) throw new Error(`${passes} passes measure nothing`);
  return last;
}

process.stdout.write(JSON.stringify({ crawl: await lastOf(crawl), list: await lastOf(list) }));

/**
 * Crawls a space once, by the crawler as it is built, in a process that does nothing else, and prints
 * by how much its memory grew beyond what it was right before.
 * Usage: node --expose-gc crawl-memory.ts CONFIG USER
 */
import { writeFileSync } from 'node:fs';
import { built } from '../built.js';
import { peakRss } from '../child.js';
import type { MemoryRun } from '../memory.js';

const { loadConfig } = await built<typeof import('../../../src/config/load.js')>('config/load.js');
const { createCrawler } = await built<typeof import('../../../src/app/crawler.js')>('app/crawler.js');
const { createLogger } = await built<typeof import('../../../src/platform/log/logger.js')>('platform/log/logger.js');

const [configFile = '', user = ''] = process.argv.slice(2);
const config = await loadConfig(configFile);
const crawler = await createCrawler(config, { logger: createLogger({ ...config.log, level: 'error' }) });
const { signal } = new AbortController();

// What loading left behind is no room for the crawl to grow into unseen.
global.gc?.();
// From here on the kernel's peak is the crawl's (proc(5), clear_refs).
writeFileSync('/proc/self/clear_refs', '5');
const before = process.memoryUsage.rss();
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const [sync] = await crawler.syncNow({ users: [user], mode: 'full', signal, onProgress: () => {} });
const elapsedMs = performance.now() - startedAt;
const cpu = process.cpuUsage(cpuBefore);
const peak = peakRss('self');
await crawler.stop();
if (sync?.status !== 'PROCESSED') throw new Error(`the crawl failed: ${sync?.errors.join('; ')}`);
if (peak === null) throw new Error('this system does not tell the peak of the memory');

process.stdout.write(
  JSON.stringify({
    counts: sync.counts,
    growthBytes: peak - before,
    beforeBytes: before,
    elapsedMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
  } satisfies MemoryRun),
);

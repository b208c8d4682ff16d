/**
 * A crawler of a bench, a program of its own: syncs some users' spaces once a line comes in, and prints how long that took
 * and which processor time, in ms.
 * Usage: crawl-part.ts CONFIG USER...
 */
import { once } from 'node:events';
import { built } from '../built.js';

const { loadConfig } = await built<typeof import('../../../src/config/load.js')>('config/load.js');
const { createCrawler } = await built<typeof import('../../../src/app/crawler.js')>('app/crawler.js');
const { createLogger } = await built<typeof import('../../../src/platform/log/logger.js')>('platform/log/logger.js');

const [configFile = '', ...users] = process.argv.slice(2);
const config = await loadConfig(configFile);
const crawler = await createCrawler(config, { logger: createLogger({ ...config.log, level: 'error' }) });
const { signal } = new AbortController();
// Whoever comes first registers the spaces, which others then have as well.
await crawler.syncNow({ users: [], mode: 'full', signal, onProgress: () => undefined });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const before = process.cpuUsage();
const begun = performance.now();
const syncs = await crawler.syncNow({ users, mode: 'full', signal, onProgress: () => undefined });
const elapsedMs = performance.now() - begun;
const { user, system } = process.cpuUsage(before);
const failed = syncs.find(({ status }) => status !== 'PROCESSED');
if (failed !== undefined) throw new Error(`the crawl failed: ${failed.errors.join('; ')}`);
process.stdout.write(`${JSON.stringify({ elapsedMs, cpuMs: (user + system) / 1_000 })}\n`);
await crawler.stop();
process.exit();

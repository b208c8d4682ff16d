import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCrawler } from '../../src/app/crawler.js';
import type { Config } from '../../src/config/schema.js';
import { type Sleep, sleepInRealTime } from '../../src/webdav/transport/sleep.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import type { MarkerStyle } from '../support/dav-server/markers.js';
import { quietLogger } from '../support/quiet-logger.js';
import { sizeOf, someOf } from '../support/thorough.js';

const MINUTE = 60_000;
/** How long waits of the crawl last here at most. */
const SHORT_MS = 20;

/** As many as the documents tell of; the requests that follow the first sync are as many with fewer. */
const LEAVES = sizeOf(1_000, 34);
/** Where every leaf is listed again with each sync, or costs are no more than compared. */
const FEWER = sizeOf(100, 34);

/** So many leaves and 14 further collections, 13 of them with others inside: the root, ten that hold the leaves, and a deep branch. */
function tree(leafCount: number): string[] {
  const leaves = Array.from({ length: leafCount }, (_, n) => `d${n % 10}/leaf${n}/x.ova`);
  return [...leaves, 'deep/er/still/x.ova'];
}

/** A space on a server with such markers, crawled by what the daemon is made of. */
async function startScene(markers: MarkerStyle, leafCount: number) {
  let now = Date.UTC(2026, 10, 23);
  const dav = await startDavServer({ markers, now: () => now, date: () => now });
  for (const path of tree(leafCount)) dav.tree.put(path, { size: 10 });
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-requests-'));
  const config: Config = {
    server: {
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      metricsListen: null,
      publicUrl: null,
      trustedProxies: [],
      keepAliveMs: 65_000,
      console: false,
    },
    api: { catalogue: 'personal', corsOrigins: [], rateLimit: null, waitsPerUser: 20, serveStaleMs: 0 },
    auth: { issuers: [], failedLogIns: 'auto', forwardClientAddress: [], keepAppPasswords: false },
    link: { origins: [], keyFile: null },
    data: { directory, keepBackups: 3, replicated: false },
    roles: ['api', 'crawler'],
    // What is counted here is what listing takes.
    describe: { enabled: false, bytesPerSecond: 1_048_576, requestsAtOnce: 1 },
    webhooks: [],
    maintenance: { schedule: null, tombstonesMs: 30 * 86_400_000, syncsMs: 365 * 86_400_000, forgetAfterMs: null },
    spaces: [{ user: 'jm', url: dav.url, auth: { type: 'none' }, watchDirectory: null }],
    publicUsers: [],
    discoveries: [],
    userFolders: [],
    crawl: {
      schedule: '*/15 * * * *',
      fullSchedule: '0 3 * * *',
      poll: '* * * * *',
      budget: 'auto',
      spacesAtOnce: 1,
      requestsPerSpace: 8,
      requestsPerHost: 8,
      maxDepth: 64,
      search: 'auto',
      timeZone: null,
      exclude: [],
      excludeDefaults: true,
      timeouts: { connectMs: 10_000, firstByteMs: 60_000, silenceMs: 30_000, totalMs: 600_000 },
    },
    log: { level: 'error', format: 'json' },
  };
  // Such as that before a second look at what seems to be wrong.
  const sleep: Sleep = (ms, waiting) => sleepInRealTime(Math.min(ms, SHORT_MS), waiting);
  const crawler = await createCrawler(config, { logger: quietLogger, clock: () => now, sleep });
  onTestFinished(async () => {
    await crawler.stop();
    await dav.close();
    rmSync(directory, { recursive: true });
  });
  const { signal } = new AbortController();

  /** Changes the storage, and answers how many requests it takes to know. */
  const requestsFor = async (
    change: () => void,
    mode: 'full' | 'incremental' = 'incremental',
    afterMs: number = 15 * MINUTE,
  ) => {
    change();
    now += afterMs;
    dav.forgetRequests();
    const [sync] = await crawler.syncNow({ users: 'all', mode, signal, onProgress: () => undefined });
    expect(sync).toMatchObject({ status: 'PROCESSED', warnings: [] });
    expect(sync?.counts.requests).toBe(dav.requests.length);
    return dav.requests.length;
  };
  return { dav, requestsFor };
}

it.each(
  someOf(
    [
      // Whole subtrees are skipped: one question, and on the way to a change one for each level.
      ['nextcloud', LEAVES, { first: LEAVES + 14, unchanged: 1, added: 5, moved: 6, threeLeaves: 8 }],
      // Leaves are skipped: the 13 others, what has changed, and the collection that is new.
      ['apache', LEAVES, { first: LEAVES + 14, unchanged: 13, added: 14, moved: 15, threeLeaves: 16 }],
      ['nginx', FEWER, { first: FEWER + 14, unchanged: 13, added: 14, moved: 15, threeLeaves: 16 }],
      // Markers that stand still prove nothing; a vanished collection is asked for itself on every server.
      [
        'still',
        FEWER,
        { first: FEWER + 14, unchanged: FEWER + 14, added: FEWER + 14, moved: FEWER + 15, threeLeaves: FEWER + 14 },
      ],
    ] as const,
    2,
  ),
)(
  'requests to a server with the markers of %s, with %i leaves',
  { timeout: 60_000 },
  async (markers, leafCount, expected) => {
    const { dav, requestsFor } = await startScene(markers, leafCount);
    const { tree } = dav;
    const first = await requestsFor(() => undefined);
    // What the markers prove is learned from the first change that they show.
    await requestsFor(() => tree.put('d3/leaf3/lesson.ova', { size: 10 }), 'full');
    await requestsFor(() => undefined, 'full');

    const unchanged = await requestsFor(() => undefined);
    const added = await requestsFor(() => tree.put('deep/er/still/new.ova', { size: 10 }));
    const moved = await requestsFor(() => tree.move('d0/leaf0', 'd5/moved'));
    const threeLeaves = await requestsFor(() => {
      for (const n of [11, 22, 33]) tree.put(`d${n % 10}/leaf${n}/new.ova`, { size: 10 });
    });
    expect({ first, unchanged, added, moved, threeLeaves }).toEqual(expected);
  },
);

it('looks again where a file may still be written to, until it stands still', { timeout: 60_000 }, async () => {
  const { dav, requestsFor } = await startScene('nextcloud', FEWER);
  const { tree } = dav;
  const upload = (size: number) => tree.put('deep/er/still/new.ova', { size });
  await requestsFor(() => undefined);
  await requestsFor(() => tree.put('d3/leaf3/lesson.ova', { size: 10 }), 'full');
  await requestsFor(() => undefined, 'full');
  const soon = MINUTE / 3;
  const counts = [
    await requestsFor(() => upload(1), 'incremental', soon),
    // No marker tells of these.
    await requestsFor(() => tree.quietly(() => upload(2)), 'incremental', soon),
    await requestsFor(() => tree.quietly(() => upload(3)), 'incremental', soon),
    await requestsFor(() => undefined, 'incremental', MINUTE),
    await requestsFor(() => undefined, 'incremental', MINUTE),
  ];
  // Each level on the way is listed; where all is proven the root alone is asked.
  expect(counts).toEqual([5, 4, 4, 4, 1]);
});

import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import type { CrawlMeasurements, IndexTotals } from '../../src/domain/model/measurements.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';
import { createTraffic } from '../../src/http/gate/traffic.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { PROCESSED } from '../support/processed.js';

const NOW = Date.UTC(2026, 2, 2, 10);
const LOOP = { median: 0.001, p99: 0.02, max: 0.5 };
const TOTALS: IndexTotals = {
  spaces: new Map([
    ['fresh', 3],
    ['held', 1],
  ]),
  images: 12,
  imagesByState: new Map([
    ['ok', 9],
    ['incomplete', 1],
    ['unknown', 2],
  ]),
  collections: 40,
  heldImages: 25,
  waitingSyncs: 2,
  runningSyncs: 1,
  oldestSuccessAt: NOW - 7_200_000,
  oldestUser: 'jm',
  lastTrouble: null,
  medianSuccessAt: NOW - 60_000,
  storages: [
    {
      origin: 'https://cloud.example.org',
      spaces: 4,
      age: { sum: 7_440_000, max: 7_200_000 },
      expectedAge: { sum: 80_000, max: 74_000 },
    },
  ],
  storedBytes: 4_096,
  unmergedBytes: 0,
};
const OUTCOME: SyncOutcome = { ...PROCESSED, counts: { ...NO_COUNTS, added: 3, removed: 1 } };

type Load = Parameters<typeof createMetrics>[1];

function scrapable(crawl: () => Promise<CrawlMeasurements>, traffic = createTraffic(), load?: Load) {
  const sources = {
    traffic: traffic.read,
    waiting: () => ({ clients: 7, streams: 3 }),
    loop: () => LOOP,
    crawl,
    clock: () => NOW,
    version: '1.2.3',
  };
  return createMetrics(sources, load);
}

const linesOf = async (metrics: ReturnType<typeof scrapable>) =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith('ovadex_'));

describe('the metrics', () => {
  it('fail alone if the library can’t be loaded, and come once it can', async () => {
    const disk: { isReadable: boolean } = { isReadable: false };
    const unheard: unknown[] = [];
    const hear = (error: unknown) => unheard.push(error);
    process.on('unhandledRejection', hear);
    onTestFinished(() => void process.off('unhandledRejection', hear));
    let answer = () => {};
    // The crawler answers later than the library fails.
    const crawl = () => {
      return new Promise<CrawlMeasurements>((resolve) => {
        answer = () => resolve({ counts: createCrawlTally().read(), totals: TOTALS, loop: LOOP });
      });
    };
    const metrics = scrapable(crawl, createTraffic(), async () => {
      if (disk.isReadable) return (await import('prom-client')).default;
      throw new Error('too many open files');
    });
    const rendered = metrics.render().catch((error: unknown) => error);
    await new Promise(setImmediate);
    answer();
    expect(await rendered).toMatchObject({ message: 'too many open files' });
    expect(unheard).toEqual([]);
    disk.isReadable = true;
    const again = metrics.render();
    answer();
    expect(await again).toContain('ovadex_build_info');
  });

  it('tell what was counted, in base units', async () => {
    const tally = createCrawlTally();
    tally.syncEnded('full', OUTCOME, 2);
    tally.syncEnded('incremental', { ...OUTCOME, heldRemovals: 25 }, 0.2);
    tally.syncEnded('incremental', { ...OUTCOME, status: 'ERROR', isUnauthorized: true }, 0.05);
    tally.syncEnded('incremental', null, 1);
    tally.syncEnded('hint', 'broken', 1);
    tally.requestEnded('answered', 0.02);
    tally.imageRead('described', { requests: 1, bytes: 32_768 });
    tally.requestEnded('timeout', 60);
    tally.hintsReceived(2, 1);
    tally.hintsFollowed(3);
    const traffic = createTraffic();
    traffic.route('/v2/image/{id}')('GET', 200, 0.003);
    const lines = await linesOf(scrapable(async () => ({ counts: tally.read(), totals: TOTALS, loop: LOOP }), traffic));
    for (const line of [
      'ovadex_build_info{version="1.2.3"} 1',
      'ovadex_crawler_up 1',
      'ovadex_http_waiting_clients 7',
      'ovadex_http_event_streams 3',
      'ovadex_hints_total{result="taken"} 2',
      'ovadex_hints_total{result="ignored"} 1',
      'ovadex_hinted_collections_total 3',
      'ovadex_images_read_total{outcome="described"} 1',
      'ovadex_image_read_requests_total 1',
      'ovadex_image_bytes_read_total 32768',
      'ovadex_images_by_state{state="ok"} 9',
      'ovadex_images_by_state{state="unknown"} 2',
      'ovadex_images_by_state{state="broken"} 0',
      'ovadex_http_requests_total{route="/v2/image/{id}",method="GET",status="200"} 1',
      'ovadex_http_request_duration_seconds_bucket{route="/v2/image/{id}",method="GET",le="0.0025"} 0',
      'ovadex_http_request_duration_seconds_bucket{route="/v2/image/{id}",method="GET",le="0.005"} 1',
      'ovadex_http_request_duration_seconds_bucket{route="/v2/image/{id}",method="GET",le="+Inf"} 1',
      'ovadex_http_request_duration_seconds_sum{route="/v2/image/{id}",method="GET"} 0.003',
      'ovadex_http_request_duration_seconds_count{route="/v2/image/{id}",method="GET"} 1',
      'ovadex_syncs_total{mode="full",outcome="processed"} 1',
      'ovadex_syncs_total{mode="incremental",outcome="held"} 1',
      'ovadex_syncs_total{mode="incremental",outcome="unauthorized"} 1',
      'ovadex_syncs_total{mode="incremental",outcome="interrupted"} 1',
      'ovadex_syncs_total{mode="hint",outcome="broken"} 1',
      'ovadex_storage_requests_total{outcome="answered"} 1',
      'ovadex_storage_requests_total{outcome="timeout"} 1',
      'ovadex_image_changes_total{change="added"} 9',
      'ovadex_spaces{state="fresh"} 3',
      'ovadex_spaces{state="suspended"} 0',
      'ovadex_images 12',
      'ovadex_held_images 25',
      'ovadex_space_age_seconds{space="median"} 60',
      'ovadex_space_age_seconds{space="oldest"} 7200',
      'ovadex_list_age_seconds{origin="https://cloud.example.org",measure="mean"} 1860',
      'ovadex_list_age_seconds{origin="https://cloud.example.org",measure="max"} 7200',
      'ovadex_list_expected_age_seconds{origin="https://cloud.example.org",measure="mean"} 20',
      'ovadex_list_expected_age_seconds{origin="https://cloud.example.org",measure="max"} 74',
      'ovadex_open_syncs{status="waiting"} 2',
      'ovadex_index_bytes 4096',
      'ovadex_event_loop_delay_seconds{thread="crawler",measure="max"} 0.5',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('go on with the last counts of a crawler that gives no answer, and say so', async () => {
    const counts = createCrawlTally().read();
    let answer: () => Promise<CrawlMeasurements> = async () => ({ counts, totals: TOTALS, loop: LOOP });
    const metrics = scrapable(() => answer());
    expect(await linesOf(metrics)).toContain('ovadex_crawler_up 1');
    answer = () => Promise.reject(new Error('it has ended'));
    const lines = await linesOf(metrics);
    expect(lines).toContain('ovadex_crawler_up 0');
    expect(lines).toContain('ovadex_images 12');
    expect(lines.filter((line) => line.includes('thread="crawler"'))).toEqual([]);
  });

  it('tell what became of messages to webhooks, and what waits', async () => {
    const tally = createCrawlTally();
    tally.webhookTold('deployer', 'taken');
    tally.webhookTold('deployer', 'taken');
    tally.webhookTold('deployer', 'failed');
    const crawl = { counts: tally.read(), totals: TOTALS, loop: LOOP };
    const webhooks = [
      { name: 'deployer', oldestAt: null, waiting: 3, dead: 0 },
      { name: 'other', oldestAt: 0, waiting: 0, dead: 2 },
    ];
    const lines = await linesOf(scrapable(async () => ({ ...crawl, webhooks })));
    for (const line of [
      'ovadex_webhook_messages_total{webhook="deployer",result="taken"} 2',
      'ovadex_webhook_messages_total{webhook="deployer",result="failed"} 1',
      'ovadex_webhook_waiting_seconds{webhook="deployer"} 0',
      'ovadex_webhook_spaces_waiting{webhook="deployer"} 3',
      'ovadex_webhook_spaces_given_up{webhook="other"} 2',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.some((line) => /^ovadex_webhook_waiting_seconds{webhook="other"} [1-9]/.test(line))).toBe(true);
  });

  it('tell how discoveries, storages, links and hosts stand, once one was asked, may be made or may be there', async () => {
    const crawl = { counts: createCrawlTally().read(), totals: TOTALS, loop: LOOP };
    expect(await scrapable(async () => crawl).render()).not.toMatch(/^ovadex_(?:discover|storages|links|hosts)/m);
    const discoveries = { listed: 2, failed: 1, warnings: 3 };
    const hosts = { alike: 2, differing: 1, silent: 4 };
    const storagesDown = { everywhere: 2, onlyHere: 1 };
    const told = { discoveries, storagesDown, links: { readable: 3, lost: 1 }, hosts };
    const lines = await linesOf(scrapable(async () => ({ ...crawl, ...told })));
    for (const line of [
      'ovadex_discoveries{state="listed"} 2',
      'ovadex_discoveries{state="failed"} 1',
      'ovadex_storages_down{where="everywhere"} 2',
      'ovadex_storages_down{where="only_here"} 1',
      'ovadex_links{state="readable"} 3',
      'ovadex_links{state="lost"} 1',
      'ovadex_discovery_warnings 3',
      'ovadex_hosts{state="alike"} 2',
      'ovadex_hosts{state="differing"} 1',
      'ovadex_hosts{state="silent"} 4',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('do not wait for ever', async () => {
    const metrics = scrapable(() => new Promise(() => {}));
    expect(await linesOf(metrics)).toContain('ovadex_crawler_up 0');
  });

  it('are announced as what the library renders', () => {
    const crawl = () => Promise.reject(new Error('not asked'));
    expect(scrapable(crawl).contentType).toBe(Registry.PROMETHEUS_CONTENT_TYPE);
    expect(scrapable(crawl).contentType).toBe(new Registry().contentType);
  });

  it('tell of the process, too', async () => {
    const text = await scrapable(() => Promise.reject(new Error('not yet'))).render();
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^process_open_fds \d+$/m);
  });
});

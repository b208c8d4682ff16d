import type { Metric, Registry } from 'prom-client';
import type {
  CrawlMeasurements,
  LoopDelay,
  OutageCounts,
  RouteMeasurements,
  WaitingCounts,
} from '../domain/model/measurements.js';
import type { Clock } from '../domain/ports/clock.js';
import { indexMetrics } from './index-metrics.js';
import {
  crawlMetrics,
  discoveryMetrics,
  hostMetrics,
  linkMetrics,
  loopMetric,
  type MetricText,
  outageMetrics,
  requestMetrics,
  storageMetrics,
  waitingMetrics,
  webhookMetrics,
} from './metric-texts.js';

type Library = Pick<typeof import('prom-client'), 'Registry' | 'collectDefaultMetrics'>;

export interface MetricSources {
  readonly traffic: () => readonly RouteMeasurements[];
  readonly waiting: () => WaitingCounts;
  /** Left out for an index in a file. */
  readonly outage?: () => OutageCounts;
  readonly loop: () => LoopDelay;
  /** Asks the crawler thread for its measurements. */
  readonly crawl: () => Promise<CrawlMeasurements>;
  /** Whether this host crawls: left out of its metrics is what only a crawler has. */
  readonly hasCrawler?: boolean;
  readonly clock: Clock;
  readonly version: string;
}

export interface Metrics {
  readonly contentType: string;
  /** Renders all metrics in the text format of Prometheus. */
  render(): Promise<string>;
}

/** Prometheus' text format, as the library renders it. */
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

/** A thread in a long commit answers later than this; a scraper gives up after ten seconds. */
const CRAWLER_ANSWERS_WITHIN_MS = 2_000;

/**
 * The metrics of the whole program. They are kept as plain numbers where they arise and rendered only on request, so
 * that counting costs next to nothing. A crawler that doesn't answer in time shows as `ovadex_crawler_up 0`; its
 * counters keep their last values, since a counter that falls looks like a restart. The library is loaded for the first
 * scrape, and its own metrics of garbage collection and of the event loop count from then on: it takes 60 ms of the
 * processor, which a start can do without.
 */
export function createMetrics(sources: MetricSources, load: () => Promise<Library> = loadLibrary): Metrics {
  const { clock, version } = sources;
  let opened: Promise<Registry> | undefined;
  let texts: readonly MetricText[] = [];
  let last: CrawlMeasurements | null = null;

  async function open(): Promise<Registry> {
    const prometheus = await load();
    const registry = new prometheus.Registry();
    prometheus.collectDefaultMetrics({ register: registry });
    for (const { name } of textsOf(null, false)) registry.registerMetric(readLater(name, () => texts));
    return registry;
  }

  function textsOf(crawl: CrawlMeasurements | null, isUp: boolean): readonly MetricText[] {
    const loops = {
      api: sources.loop(),
      ...(crawl !== null && isUp && sources.hasCrawler !== false ? { crawler: crawl.loop } : {}),
    };
    return [
      {
        name: 'ovadex_build_info',
        help: 'The version of the program; always 1.',
        type: 'gauge',
        samples: [{ labels: { version }, value: 1 }],
      },
      {
        name: 'ovadex_crawler_up',
        help: "Whether the crawler's thread answers in time.",
        type: 'gauge',
        samples: sources.hasCrawler === false ? [] : [{ value: isUp ? 1 : 0 }],
      },
      loopMetric(loops),
      ...requestMetrics(sources.traffic()),
      ...waitingMetrics(sources.waiting()),
      ...outageMetrics(sources.outage?.() ?? null),
      ...crawlMetrics(crawl?.counts ?? null),
      ...discoveryMetrics(crawl?.discoveries ?? null),
      ...storageMetrics(crawl?.storagesDown ?? null),
      ...hostMetrics(crawl?.hosts ?? null),
      ...linkMetrics(crawl?.links ?? null),
      ...webhookMetrics(crawl, clock()),
      ...indexMetrics(crawl?.totals ?? null, clock()),
    ];
  }

  return {
    contentType: TEXT_FORMAT,
    async render() {
      opened ??= open().catch((error: unknown) => {
        opened = undefined; // a process out of descriptors can't load, but may again
        throw error;
      });
      // Both at once: an error that nobody awaits yet would end the process.
      const [registry, answer] = await Promise.all([opened, inTime(sources.crawl())]);
      last = answer ?? last;
      texts = textsOf(last, answer !== null);
      return await registry.metrics();
    },
  };
}

async function loadLibrary(): Promise<Library> {
  return (await import('prom-client')).default; // bundled, it has no other export
}

/** Returns null if it takes too long or fails: a crawler that has ended can't answer. */
async function inTime(asked: Promise<CrawlMeasurements>): Promise<CrawlMeasurements | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), CRAWLER_ANSWERS_WITHIN_MS);
  });
  try {
    return await Promise.race([asked.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A metric that reads its values when scraped, since prom-client's own histograms can't be given counts. */
function readLater(name: string, texts: () => readonly MetricText[]): Metric<string> {
  const metric = {
    name,
    get: async () => {
      const text = texts().find((each) => each.name === name);
      return {
        name,
        help: text?.help ?? '',
        type: text?.type ?? 'gauge',
        aggregator: 'sum',
        values: (text?.samples ?? []).map(({ suffix = '', labels = {}, value }) => ({
          metricName: name + suffix,
          labels,
          value,
        })),
      };
    },
    reset: () => undefined,
  };
  return metric as unknown as Metric<string>;
}

import type {
  CrawlCounts,
  CrawlMeasurements,
  DiscoveryCounts,
  Histogram,
  HostCounts,
  LinkCounts,
  LoopDelay,
  OutageCounts,
  RouteMeasurements,
  StoragesDown,
  WaitingCounts,
} from '../domain/model/measurements.js';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric as exposed: names follow prometheus.io/docs/practices/naming, with base units and no users in labels. */
export interface MetricText {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

const counter = (name: string, help: string, samples: readonly Sample[]): MetricText => ({
  name,
  help,
  type: 'counter',
  samples,
});
export const gauge = (name: string, help: string, samples: readonly Sample[]): MetricText => ({
  name,
  help,
  type: 'gauge',
  samples,
});

export function loopMetric(loops: Readonly<Record<string, LoopDelay>>): MetricText {
  const samples = Object.entries(loops).flatMap(([thread, { median, p99, max }]) => [
    { labels: { thread, measure: 'median' }, value: median },
    { labels: { thread, measure: 'p99' }, value: p99 },
    { labels: { thread, measure: 'max' }, value: max },
  ]);
  return gauge('ovadex_event_loop_delay_seconds', 'How late each event loop was since the last scrape.', samples);
}

export function requestMetrics(routes: readonly RouteMeasurements[]): readonly MetricText[] {
  const counts = routes.flatMap(({ route, method, byStatus }) =>
    [...byStatus].map(([status, value]) => ({ labels: { route, method, status: String(status) }, value })),
  );
  return [
    counter('ovadex_http_requests_total', 'Requests answered.', counts),
    histogram(
      'ovadex_http_request_duration_seconds',
      'Time from the complete head of a request to its response.',
      routes.map(({ route, method, seconds }) => ({ labels: { route, method }, histogram: seconds })),
    ),
  ];
}

export function waitingMetrics({ clients, streams }: WaitingCounts): readonly MetricText[] {
  return [
    gauge('ovadex_http_waiting_clients', 'Requests with "Prefer: wait" that wait for something new.', [
      { value: clients },
    ]),
    gauge('ovadex_http_event_streams', 'Streams of events that are open.', [{ value: streams }]),
  ];
}

/** Metrics of a database that may be away; without samples for an index in a file. */
export function outageMetrics(counts: OutageCounts | null): readonly MetricText[] {
  const isAway = counts?.isAway ?? null;
  const isShared = isAway !== null;
  return [
    gauge('ovadex_database_up', 'Whether the database that keeps the index can be reached.', [
      ...(isShared ? [{ value: isAway ? 0 : 1 }] : []),
    ]),
    counter('ovadex_stale_lists_total', 'Lists that were served as stale because the database was away.', [
      ...(isShared ? [{ value: counts?.served ?? 0 }] : []),
    ]),
  ];
}

/** Metrics of crawls; `counts` is null if nothing is known yet. */
export function crawlMetrics(counts: CrawlCounts | null): readonly MetricText[] {
  const byLabel = (label: string, numbers: ReadonlyMap<string, number> | undefined) =>
    [...(numbers ?? [])].map(([word, value]) => ({ labels: { [label]: word }, value }));
  const syncs = counts?.syncs ?? [];
  const endings = syncs.flatMap(({ mode, byEnding }) =>
    [...byEnding].map(([outcome, value]) => ({ labels: { mode, outcome }, value })),
  );
  const changes = counts === null ? [] : (['added', 'changed', 'deleted'] as const);
  return [
    counter('ovadex_syncs_total', 'Syncs that have ended, by result.', endings),
    histogram(
      'ovadex_sync_duration_seconds',
      'How long syncs ran.',
      syncs.map(({ mode, seconds }) => ({ labels: { mode }, histogram: seconds })),
    ),
    counter('ovadex_listings_total', 'Listings of collections, by verdict.', byLabel('verdict', counts?.listings)),
    counter(
      'ovadex_searches_total',
      'Searches for the images of a space, by result.',
      byLabel('outcome', counts?.searches),
    ),
    counter(
      'ovadex_storage_requests_total',
      'Requests to storages, retries included.',
      byLabel('outcome', counts?.requests),
    ),
    histogram(
      'ovadex_storage_request_duration_seconds',
      'Response time of storages, until the whole response was read.',
      counts === null ? [] : [{ labels: {}, histogram: counts.requestSeconds }],
    ),
    counter(
      'ovadex_images_read_total',
      'Images read to tell what they are, by what became of it.',
      byLabel('outcome', counts?.imagesRead),
    ),
    counter(
      'ovadex_image_read_requests_total',
      'Requests sent to read what images are.',
      counts === null ? [] : [{ value: counts.readRequests }],
    ),
    counter(
      'ovadex_image_bytes_read_total',
      'Bytes of images read to tell what they are.',
      counts === null ? [] : [{ value: counts.bytesRead }],
    ),
    counter(
      'ovadex_image_changes_total',
      'Images that syncs changed, as each ends: not of those that were cancelled or broke down.',
      changes.map((change) => ({ labels: { change }, value: counts?.[change] ?? 0 })),
    ),
    counter(
      'ovadex_marker_mismatches_total',
      'Changes that ETags and dates of collections did not show.',
      counts === null ? [] : [{ value: counts.mismatches }],
    ),
    counter(
      'ovadex_hints_total',
      'Hints received by the API, by whether they led to a space.',
      counts === null ? [] : [hint('taken', counts.hints.taken), hint('ignored', counts.hints.ignored)],
    ),
    counter(
      'ovadex_hinted_collections_total',
      'Collections listed because of hints, those of watched folders included.',
      counts === null ? [] : [{ value: counts.hintedCollections }],
    ),
    counter(
      'ovadex_search_misses_total',
      'Images in which searches and listings of storages differed.',
      counts === null ? [] : [{ value: counts.searchMisses }],
    ),
  ];
}

const hint = (result: 'taken' | 'ignored', value: number): Sample => ({ labels: { result }, value });

/** Metrics of discoveries; `counts` is null if none was asked yet. */
export function discoveryMetrics(counts: DiscoveryCounts | null): readonly MetricText[] {
  return [
    gauge(
      'ovadex_discoveries',
      'Discoveries of users, by whether their collection could be listed at the last attempt.',
      counts === null
        ? []
        : [
            { labels: { state: 'listed' }, value: counts.listed },
            { labels: { state: 'failed' }, value: counts.failed },
          ],
    ),
    gauge(
      'ovadex_discovery_warnings',
      'Findings of discoveries that need attention, such as one user in two places; the log has them.',
      counts === null ? [] : [{ value: counts.warnings }],
    ),
  ];
}

/** Metrics of storages that are out of order; `counts` is null where nothing is crawled. */
export function storageMetrics(counts: StoragesDown | null): readonly MetricText[] {
  return [
    gauge(
      'ovadex_storages_down',
      'Storages that give this crawler no answer, refuse all that it asks, or are in maintenance, by whether they answer other crawlers (only_here) or none.',
      counts === null
        ? []
        : [
            { labels: { where: 'everywhere' }, value: counts.everywhere },
            { labels: { where: 'only_here' }, value: counts.onlyHere },
          ],
    ),
  ];
}

/** Metrics of the hosts that share the index; nothing is told of one that no other host may share. */
export function hostMetrics(counts: HostCounts | null): readonly MetricText[] {
  return [
    gauge(
      'ovadex_hosts',
      'Hosts that share the index in a database, by whether their configurations are alike, as they have to be; silent: not heard of for a minute.',
      counts === null
        ? []
        : (['alike', 'differing', 'silent'] as const).map((state) => ({ labels: { state }, value: counts[state] })),
    ),
  ];
}

/** Metrics of webhooks; nothing is told where there are none. */
export function webhookMetrics(crawl: CrawlMeasurements | null, now: number): readonly MetricText[] {
  const totals = crawl?.webhooks ?? [];
  const sent = [...(crawl?.counts.webhookMessages ?? [])];
  return [
    counter(
      'ovadex_webhook_messages_total',
      'Messages sent to webhooks, by what became of them: taken, failed (tried again), or dead (given up).',
      sent.flatMap(([webhook, results]) =>
        [...results].map(([result, value]) => ({ labels: { webhook, result }, value })),
      ),
    ),
    gauge(
      'ovadex_webhook_waiting_seconds',
      'Age of the oldest message that a webhook has not taken yet; 0 if none waits.',
      totals.map(({ name: webhook, oldestAt }) => ({
        labels: { webhook },
        value: oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1_000,
      })),
    ),
    gauge(
      'ovadex_webhook_spaces_waiting',
      'Spaces of which a webhook is being told, or told again after a failure.',
      totals.map(({ name: webhook, waiting }) => ({ labels: { webhook }, value: waiting })),
    ),
    gauge(
      'ovadex_webhook_spaces_given_up',
      'Spaces for which a webhook has been given up; "ovadex webhook retry" goes on.',
      totals.map(({ name: webhook, dead }) => ({ labels: { webhook }, value: dead })),
    ),
  ];
}

/** Metrics of links; `counts` is null if nothing may be linked. */
export function linkMetrics(counts: LinkCounts | null): readonly MetricText[] {
  return [
    gauge(
      'ovadex_links',
      'Storages that users have connected by themselves, by whether a key opens their app passwords.',
      counts === null
        ? []
        : [
            { labels: { state: 'readable' }, value: counts.readable },
            { labels: { state: 'lost' }, value: counts.lost },
          ],
    ),
  ];
}

function histogram(
  name: string,
  help: string,
  series: readonly { readonly labels: Labels; readonly histogram: Histogram }[],
): MetricText {
  const samples = series.flatMap(({ labels, histogram: { bounds, counts, sum } }) => {
    let total = 0;
    const buckets = counts.map((count, at) => {
      total += count;
      return { suffix: '_bucket', labels: { ...labels, le: String(bounds[at] ?? '+Inf') }, value: total };
    });
    return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
  });
  return { name, help, type: 'histogram', samples };
}

import type { Extent, StorageFreshness } from '../domain/freshness/storage-freshness.js';
import { SPACE_STATES } from '../domain/lists/space-states.js';
import { IMAGE_STATES } from '../domain/model/image.js';
import type { IndexTotals } from '../domain/model/measurements.js';
import { gauge, type MetricText } from './metric-texts.js';

/** Metrics of the index; `totals` is null if nothing is known yet. */
export function indexMetrics(totals: IndexTotals | null, now: number): readonly MetricText[] {
  const one = (value: number | null | undefined) => (value === null || value === undefined ? [] : [{ value }]);
  const age = (at: number | null | undefined, which: string) =>
    at === null || at === undefined ? [] : [{ labels: { space: which }, value: Math.max(0, now - at) / 1_000 }];
  const spaces = totals?.spaces;
  return [
    // Every state is told, also with 0: an alert on a series that is absent would be one on nothing.
    gauge(
      'ovadex_spaces',
      'Spaces by their state.',
      totals === null ? [] : SPACE_STATES.map((state) => ({ labels: { state }, value: spaces?.get(state) ?? 0 })),
    ),
    gauge('ovadex_images', 'Images listed.', one(totals?.images)),
    gauge(
      'ovadex_images_by_state',
      'Images listed, by whether they deploy; those that wait for being read are unknown.',
      totals === null
        ? []
        : IMAGE_STATES.map((state) => ({ labels: { state }, value: totals.imagesByState.get(state) ?? 0 })),
    ),
    gauge('ovadex_collections', 'Collections known.', one(totals?.collections)),
    gauge('ovadex_held_images', 'Images whose removal is held back.', one(totals?.heldImages)),
    gauge('ovadex_space_age_seconds', 'Time since the last complete sync of a space: median and oldest.', [
      ...age(totals?.medianSuccessAt, 'median'),
      ...age(totals?.oldestSuccessAt, 'oldest'),
    ]),
    ...freshnessMetrics(totals?.storages ?? []),
    gauge('ovadex_open_syncs', 'Syncs waiting or running.', [
      ...one(totals?.waitingSyncs).map((sample) => ({ ...sample, labels: { status: 'waiting' } })),
      ...one(totals?.runningSyncs).map((sample) => ({ ...sample, labels: { status: 'running' } })),
    ]),
    gauge('ovadex_index_bytes', 'Size of the index file in bytes.', one(totals?.storedBytes)),
    gauge('ovadex_index_wal_bytes', 'Size of the write-ahead log in bytes.', one(totals?.unmergedBytes)),
  ];
}

/** How old lists are, by storage. As gauges, since a histogram of what is now could not be counted on. */
function freshnessMetrics(storages: readonly StorageFreshness[]): readonly MetricText[] {
  const samples = (extentOf: (storage: StorageFreshness) => Extent) =>
    storages.flatMap((storage) => {
      const { origin, spaces } = storage;
      const { sum, max } = extentOf(storage);
      return [
        { labels: { origin, measure: 'mean' }, value: sum / spaces / 1_000 },
        { labels: { origin, measure: 'max' }, value: max / 1_000 },
      ];
    });
  return [
    gauge(
      'ovadex_list_age_seconds',
      'Time since the last complete syncs of the spaces of a storage: mean and longest.',
      samples(({ age }) => age),
    ),
    gauge(
      'ovadex_list_expected_age_seconds',
      'For how long lists have been outdated on average, by how often the spaces of a storage change: mean and longest.',
      samples(({ expectedAge }) => expectedAge),
    ),
  ];
}

import { type SpaceField, type SpaceKey, type SpaceQuery, TIMELESS } from '../domain/lists/space-list.js';
import { STALE_AFTER_INTERVALS } from '../domain/model/space.js';
import type { Dialect } from './dialect.js';
import { type FieldColumns, filterConditions } from './filter-sql.js';
import type { KeyColumns, ListSource } from './list-sql.js';
import { stateSql } from './space-state.js';

function spaceFields({ user }: Dialect): FieldColumns<SpaceField> {
  return {
    user: { kind: 'text', column: user },
    state: { kind: 'value', column: stateSql('stale_before') },
    images: { kind: 'value', column: 'images' },
    described_images: { kind: 'value', column: 'described_images' },
    waiting_images: { kind: 'value', column: 'waiting_images' },
    incomplete_images: { kind: 'value', column: 'incomplete_images' },
    broken_images: { kind: 'value', column: 'broken_images' },
    read_bytes: { kind: 'value', column: 'read_bytes' },
    collections: { kind: 'value', column: 'collections' },
    revision: { kind: 'value', column: 'revision' },
    last_success_on: { kind: 'value', column: 'last_success_at' },
    last_sync_on: { kind: 'value', column: 'last_sync_at' },
    next_sync_on: { kind: 'value', column: 'next_sync_at' },
  };
}

/** The columns that spaces are ordered by. */
export function spaceKeys({ user }: Dialect): KeyColumns<SpaceKey> {
  return {
    user,
    images: 'images',
    describedImages: 'described_images',
    waitingImages: 'waiting_images',
    incompleteImages: 'incomplete_images',
    brokenImages: 'broken_images',
    readBytes: 'read_bytes',
    collections: 'collections',
    revision: 'revision',
    lastSuccessAt: 'coalesce(last_success_at, -1)',
    lastSyncAt: 'coalesce(last_sync_at, -1)',
    nextSyncAt: 'coalesce(next_sync_at, -1)',
  };
}

/** Selects the configured spaces that match a query. */
export function spaceSource(
  dialect: Dialect,
  columns: string,
  { filter = [], moment = TIMELESS }: Pick<SpaceQuery, 'filter' | 'moment'>,
): ListSource {
  const isByState = filter.some(({ field }) => field === 'state');
  // A whole time is before it exactly if it is before the next whole one.
  const staleBefore = Math.max(0, Math.ceil(moment.now - moment.intervalMs * STALE_AFTER_INTERVALS));
  return {
    columns,
    from: isByState
      ? { sql: '(SELECT CAST(? AS bigint) AS stale_before) AS moment CROSS JOIN spaces', parameters: [staleBefore] }
      : { sql: 'spaces', parameters: [] },
    conditions: [
      { sql: dialect.isTrue('is_configured'), parameters: [] },
      ...filterConditions(dialect, filter, spaceFields(dialect)),
    ],
    anchors: { id: 'id', from: 'spaces', conditions: [] },
  };
}

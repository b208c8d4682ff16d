import { type SpaceField, type SpaceKey, type SpaceQuery, TIMELESS } from '../../domain/lists/space-list.js';
import { STALE_AFTER_INTERVALS } from '../../domain/model/space.js';
import { type FieldColumns, filterConditions } from '../lists/filter-sql.js';
import type { KeyColumns, ListSource } from '../lists/list-sql.js';
import { stateSql } from '../lists/space-state.js';
import { SPACE_COLUMNS } from './space-rows.js';

const COLUMN_OF_FIELD: FieldColumns<SpaceField> = {
  user: { kind: 'text', column: 'user' },
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

export const SPACE_KEY_COLUMNS: KeyColumns<SpaceKey> = {
  user: 'user',
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

/** Selects the configured spaces that match a query. */
export function spaceSource({ filter = [], moment = TIMELESS }: Pick<SpaceQuery, 'filter' | 'moment'>): ListSource {
  const isByState = filter.some(({ field }) => field === 'state');
  const staleBefore = moment.now - moment.intervalMs * STALE_AFTER_INTERVALS;
  return {
    columns: SPACE_COLUMNS,
    from: isByState
      ? { sql: '(SELECT ? AS stale_before) CROSS JOIN spaces', parameters: [staleBefore] }
      : { sql: 'spaces', parameters: [] },
    conditions: [{ sql: 'is_configured = 1', parameters: [] }, ...filterConditions(filter, COLUMN_OF_FIELD)],
    anchors: { id: 'id', from: 'spaces', conditions: [] },
  };
}

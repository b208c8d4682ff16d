import type { Database } from 'better-sqlite3';
import { orderOf } from '../../domain/lists/list-grammar.js';
import {
  isNarrowing,
  requireAnswerableSyncs,
  SYNC_LIST,
  type SyncField,
  type SyncKey,
  type SyncQuery,
} from '../../domain/lists/sync-list.js';
import type { SyncList } from '../../domain/ports/sync-log.js';
import { type FieldColumns, filterConditions } from '../lists/filter-sql.js';
import { createListReader } from '../lists/list-reader.js';
import type { KeyColumns, ListSource } from '../lists/list-sql.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from './sync-rows.js';

const COLUMN_OF_FIELD: FieldColumns<SyncField> = {
  id: { kind: 'value', column: 'syncs.id' },
  created_on: { kind: 'value', column: 'created_at' },
  updated_on: { kind: 'value', column: 'updated_at' },
  started_on: { kind: 'value', column: 'started_at' },
  ended_on: { kind: 'value', column: 'ended_at' },
  status: { kind: 'value', column: 'status' },
  mode: { kind: 'value', column: 'mode' },
  username: { kind: 'text', column: 'spaces.user' },
};

export const SYNC_KEY_COLUMNS: KeyColumns<SyncKey> = {
  id: 'syncs.id',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  startedAt: 'coalesce(started_at, -1)',
  endedAt: 'coalesce(ended_at, -1)',
  status: 'status',
  mode: 'mode',
  user: 'spaces.user',
};

/** Lists syncs in any order and in pages. Throws OvadexError `usage` if that would take too long. */
export function createSyncList(db: Database): (query: SyncQuery) => SyncList {
  const lists = createListReader(db, 'objects');

  const requireBounds = (query: SyncQuery) => {
    const { filter = [] } = query;
    const narrowed = lists.count(syncSource({ ...query, filter: filter.filter(isNarrowing) }));
    requireAnswerableSyncs(query, narrowed, () => lists.count(syncSource(query)));
  };

  // One transaction, so that all of it is true of one moment.
  const read = db.transaction((query: SyncQuery): SyncList => {
    requireBounds(query);
    const source = syncSource(query);
    const order = orderOf(SYNC_LIST, query.sort);
    const { rows, place } = lists.read<SyncRow, SyncKey>(source, order, SYNC_KEY_COLUMNS, query.page, () =>
      lists.count(source),
    );
    return { syncs: rows.map(syncFromRow), place };
  });
  return (query) => read.deferred(query);
}

/** Selects the syncs that match a query. */
export function syncSource({ visibleTo, filter = [] }: Omit<SyncQuery, 'sort'>): ListSource {
  const visible = {
    sql: `syncs.id IN (SELECT id FROM syncs WHERE space = (SELECT id FROM spaces WHERE user = ?)
      UNION ALL SELECT id FROM syncs WHERE requested_by = ?)`,
    parameters: [visibleTo ?? '', visibleTo ?? ''],
  };
  return {
    columns: SYNC_COLUMNS,
    from: { sql: 'syncs JOIN spaces ON spaces.id = syncs.space', parameters: [] },
    conditions: [...(visibleTo === null ? [] : [visible]), ...filterConditions(filter, COLUMN_OF_FIELD)],
    anchors: {
      id: 'syncs.id',
      from: 'syncs JOIN spaces ON spaces.id = syncs.space',
      conditions: visibleTo === null ? [] : [visible],
    },
  };
}

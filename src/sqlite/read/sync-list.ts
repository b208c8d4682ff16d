import type { Database } from 'better-sqlite3';
import { orderOf } from '../../domain/lists/list-grammar.js';
import {
  isNarrowing,
  requireAnswerableSyncs,
  requireFewSyncs,
  SYNC_LIST,
  type SyncKey,
  type SyncQuery,
} from '../../domain/lists/sync-list.js';
import type { SyncList } from '../../domain/ports/sync-log.js';
import { syncKeys, syncSource } from '../../sql/sync-list.js';
import { SQLITE } from '../lists/dialect.js';
import { createListReader } from '../lists/list-reader.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from './sync-rows.js';

/** Lists syncs in any order and in pages. Throws OvadexError `usage` if that would take too long. */
export function createSyncList(db: Database): (query: SyncQuery) => SyncList {
  const lists = createListReader(db, 'objects');

  const requireBounds = (query: SyncQuery) => {
    const { filter = [] } = query;
    const narrowed = lists.count(syncSource(SQLITE, SYNC_COLUMNS, { ...query, filter: filter.filter(isNarrowing) }));
    if (requireAnswerableSyncs(query, narrowed)) requireFewSyncs(lists.count(syncSource(SQLITE, SYNC_COLUMNS, query)));
  };

  // One transaction, so that all of it is true of one moment.
  const read = db.transaction((query: SyncQuery): SyncList => {
    requireBounds(query);
    const source = syncSource(SQLITE, SYNC_COLUMNS, query);
    const order = orderOf(SYNC_LIST, query.sort);
    const { rows, place } = lists.read<SyncRow, SyncKey>(source, order, syncKeys(SQLITE), query.page, () =>
      lists.count(source),
    );
    return { syncs: rows.map(syncFromRow), place };
  });
  return (query) => read.deferred(query);
}

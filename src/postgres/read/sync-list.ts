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
import type { ListSource } from '../../sql/list-sql.js';
import { syncKeys, syncSource } from '../../sql/sync-list.js';
import type { Database } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { countList, readList } from '../lists/list-reader.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from './sync-rows.js';

/** Lists syncs in any order and in pages, as they are at one moment. Rejects with OvadexError `usage` if that would take too long. */
export function readSyncs(db: Database, query: SyncQuery): Promise<SyncList> {
  return db.read(async (session) => {
    const { filter = [] } = query;
    const narrowing = { ...query, filter: filter.filter(isNarrowing) };
    const count = () => countList(session, countedSource(query));
    if (requireAnswerableSyncs(query, await countList(session, countedSource(narrowing)))) {
      requireFewSyncs(await count());
    }
    const source = syncSource(POSTGRES, SYNC_COLUMNS, query);
    const list = { source, order: orderOf(SYNC_LIST, query.sort), columnOf: syncKeys(POSTGRES) };
    const { rows, place } = await readList<SyncRow, SyncKey>(session, list, query.page, count);
    return { syncs: rows.map(syncFromRow), place };
  });
}

/** Each sync has a space, whose row is of interest only to who asks for a user. */
function countedSource(query: SyncQuery): ListSource {
  const source = syncSource(POSTGRES, SYNC_COLUMNS, query);
  const asksForUser = query.filter?.some(({ field }) => field === 'username') === true;
  return asksForUser ? source : { ...source, from: { sql: 'syncs', parameters: [] } };
}

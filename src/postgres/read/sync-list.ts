import { orderOf } from '../../domain/lists/list-grammar.js';
import { isNarrowing, requireAnswerableSyncs, SYNC_LIST, type SyncQuery } from '../../domain/lists/sync-list.js';
import type { SyncList } from '../../domain/ports/sync-log.js';
import { syncKeys, syncSource } from '../../sql/sync-list.js';
import type { Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { countList, readList } from '../lists/list-reader.js';
import { SYNC_COLUMNS, type SyncRow, syncFromRow } from './sync-rows.js';

import { OvadexError } from '../model/errors.js';
import type { Sync, SyncMode, SyncStatus } from '../model/sync.js';
import { type FilterTerm, matchesFilter } from './filter.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';
import { MAX_PER_PAGE } from './page.js';

export const SYNC_STATUSES = [
  'PENDING',
  'IN_PROGRESS',
  'PROCESSED',
  'ERROR',
  'CANCELLED',
] as const satisfies readonly SyncStatus[];
export const SYNC_MODES = ['full', 'incremental', 'hint'] as const satisfies readonly SyncMode[];

export type SyncField = 'id' | 'created_on' | 'updated_on' | 'started_on' | 'ended_on' | 'status' | 'mode' | 'username';
export type SyncKey = 'id' | 'createdAt' | 'updatedAt' | 'startedAt' | 'endedAt' | 'status' | 'mode' | 'user';

/** Syncs, the newest first unless another order is requested. */
export const SYNC_LIST: ListGrammar<SyncField, SyncKey> = {
  fields: {
    id: 'integer',
    created_on: 'time',
    updated_on: 'time',
    started_on: 'time',
    ended_on: 'time',
    status: SYNC_STATUSES,
    mode: SYNC_MODES,
    username: 'text',
  },
  keysOfField: {
    id: ['id'],
    created_on: ['createdAt'],
    updated_on: ['updatedAt'],
    started_on: ['startedAt'],
    ended_on: ['endedAt'],
    status: ['status'],
    mode: ['mode'],
    username: ['user'],
  },
  keyTypes: {
    id: 'number',
    createdAt: 'number',
    updatedAt: 'number',
    startedAt: 'number',
    endedAt: 'number',
    status: 'text',
    mode: 'text',
    user: 'text',
  },
  byDefault: [{ field: 'id', direction: 'desc' }],
  tieBreak: ['id'],
};

/** A validated query for the log of syncs. */
export interface SyncQuery extends ListQuery<SyncField> {
  /** Restricts the list to syncs of this user's space and those that this user requested; null for all. */
  readonly visibleTo: string | null;
}

/** Longer lists are answered only in pages, as each sync takes some 700 bytes. */
const MAX_UNPAGED_SYNCS = 10_000;
/** Filters and orders without an index check no more syncs than this, which takes some 0.1 s. */
const MAX_SIFTED_SYNCS = 100_000;

/** Whether a filter alone leaves few syncs: those of one user, or of one status. */
export function isNarrowing({ field, operator }: FilterTerm<SyncField>): boolean {
  return operator === 'eq' && (field === 'username' || field === 'status');
}

/**
 * Throws OvadexError `usage` if a query would take too long of which the narrowing filters leave `narrowed` syncs. Returns
 * whether that depends on how many it asks for, which are then given to `requireFewSyncs`.
 */
export function requireAnswerableSyncs(query: SyncQuery, narrowed: number): boolean {
  const { filter = [], page, sort } = query;
  const isSifted = !filter.every(isNarrowing) || sort.some(({ field }) => field !== 'id');
  if (isSifted && narrowed > MAX_SIFTED_SYNCS) throw tooLong(`${narrowed} requests are answered only in pages by id`);
  if (page !== undefined || narrowed <= MAX_UNPAGED_SYNCS) return false;
  if (!isSifted) requireFewSyncs(narrowed);
  return isSifted;
}

/** Throws OvadexError `usage` if so many syncs are too many for one answer. */
export function requireFewSyncs(listed: number): void {
  if (listed > MAX_UNPAGED_SYNCS) throw tooLong(`${listed} requests are too many for one answer`);
}

function tooLong(what: string): OvadexError {
  const filters = 'a filter such as username,eq,... or status,eq,... that leaves fewer';
  return new OvadexError(
    'usage',
    `${what}; allowed are per_page up to ${MAX_PER_PAGE} with sort=id,desc, or ${filters}`,
  );
}

/** Whether a sync matches the query. */
export function matchesSync({ visibleTo, filter = [] }: Omit<SyncQuery, 'sort'>, sync: Sync): boolean {
  const isVisible = visibleTo === null || sync.user === visibleTo || sync.requestedBy === visibleTo;
  return isVisible && matchesFilter(SYNC_LIST.fields, filter, (field) => fieldOf(sync, field));
}

export function syncKeyOf(sync: Sync, key: SyncKey): KeyValue {
  return sync[key];
}

function fieldOf(sync: Sync, field: SyncField): KeyValue {
  const [key = 'id'] = SYNC_LIST.keysOfField[field];
  return sync[key];
}

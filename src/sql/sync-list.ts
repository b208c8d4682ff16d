import type { SyncField, SyncKey, SyncQuery } from '../domain/lists/sync-list.js';
import type { Dialect } from './dialect.js';
import { type FieldColumns, filterConditions } from './filter-sql.js';
import type { KeyColumns, ListSource } from './list-sql.js';

function syncFields({ user }: Dialect): FieldColumns<SyncField> {
  return {
    id: { kind: 'value', column: 'syncs.id' },
    created_on: { kind: 'value', column: 'created_at' },
    updated_on: { kind: 'value', column: 'updated_at' },
    started_on: { kind: 'value', column: 'started_at' },
    ended_on: { kind: 'value', column: 'ended_at' },
    status: { kind: 'value', column: 'status' },
    mode: { kind: 'value', column: 'mode' },
    username: { kind: 'text', column: `spaces.${user}` },
  };
}

/** The columns that syncs are ordered by. */
export function syncKeys({ user }: Dialect): KeyColumns<SyncKey> {
  return {
    id: 'syncs.id',
    createdAt: 'created_at',
    updatedAt: 'updated_at',
    startedAt: 'coalesce(started_at, -1)',
    endedAt: 'coalesce(ended_at, -1)',
    status: 'status',
    mode: 'mode',
    user: `spaces.${user}`,
  };
}

/** Selects the syncs that match a query. */
export function syncSource(
  dialect: Dialect,
  columns: string,
  { visibleTo, filter = [] }: Omit<SyncQuery, 'sort'>,
): ListSource {
  const visible = {
    sql: `syncs.id IN (SELECT id FROM syncs WHERE space = (SELECT id FROM spaces WHERE ${dialect.user} = ?)
      UNION ALL SELECT id FROM syncs WHERE requested_by = ?)`,
    parameters: [visibleTo ?? '', visibleTo ?? ''],
  };
  return {
    columns,
    from: { sql: 'syncs JOIN spaces ON spaces.id = syncs.space', parameters: [] },
    conditions: [...(visibleTo === null ? [] : [visible]), ...filterConditions(dialect, filter, syncFields(dialect))],
    anchors: {
      id: 'syncs.id',
      from: 'syncs JOIN spaces ON spaces.id = syncs.space',
      conditions: visibleTo === null ? [] : [visible],
    },
  };
}

import type { TokenField, TokenKey, TokenQuery } from '../domain/lists/token-list.js';
import type { Dialect } from './dialect.js';
import { type FieldColumns, filterConditions } from './filter-sql.js';
import type { KeyColumns, ListSource } from './list-sql.js';

const IS_VALID =
  "CASE WHEN disabled_at IS NULL AND (expires_at IS NULL OR expires_at > moment) THEN 'true' ELSE 'false' END";

const COLUMN_OF_FIELD: FieldColumns<TokenField> = {
  id: { kind: 'value', column: 'id' },
  name: { kind: 'text', column: 'name' },
  created_on: { kind: 'value', column: 'created_at' },
  expires_on: { kind: 'value', column: 'expires_at' },
  last_access: { kind: 'value', column: 'used_at' },
  valid: { kind: 'value', column: IS_VALID },
  active: { kind: 'value', column: IS_VALID },
};

export const TOKEN_KEY_COLUMNS: KeyColumns<TokenKey> = {
  id: 'id',
  name: "coalesce(name, '')",
  createdAt: 'created_at',
  expiresAt: 'coalesce(expires_at, -1)',
  usedAt: 'coalesce(used_at, -1)',
};

/** Selects the tokens that a user may see and that match a query, at this time. */
export function tokenSource(
  dialect: Dialect,
  columns: string,
  user: string,
  { filter = [] }: Pick<TokenQuery, 'filter'>,
  now: number,
): ListSource {
  const ofUser = `${dialect.user} = ?`;
  return {
    columns,
    from: { sql: '(SELECT CAST(? AS bigint) AS moment) AS present CROSS JOIN tokens', parameters: [now] },
    conditions: [
      { sql: `${ofUser} AND revoked_at IS NULL`, parameters: [user] },
      ...filterConditions(dialect, filter, COLUMN_OF_FIELD),
    ],
    anchors: { id: 'id', from: 'tokens', conditions: [{ sql: ofUser, parameters: [user] }] },
  };
}

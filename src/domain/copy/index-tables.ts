import { OvadexError } from '../model/errors.js';

/**
 * What a column holds. Both databases keep it in their own way, see the adapters; in a copy a `boolean` is true or false,
 * `json` its text, `bytes` lower-case hex, and a `quantity` a number or, if no number is as exact, a text of digits.
 */
export type ColumnKind = 'integer' | 'real' | 'text' | 'boolean' | 'json' | 'bytes' | 'quantity';

export interface Column {
  /** In PostgreSQL. SQLite's is the same, but for `user`, which is a word of SQL. */
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A table of the index whose rows are the same in every database. */
export interface IndexTable {
  readonly name: string;
  /** In the order of its rows; those of the key come first. */
  readonly columns: readonly Column[];
  /** How many columns are the key. */
  readonly keyLength: number;
  /** It has a row for each space or less: all of it can be read to see whether anybody has written to the index. */
  readonly isSmall: boolean;
}

/** The values of a row in the order of its table's columns. */
export type CopiedRow = readonly Cell[];
export type Cell = number | string | boolean | null;
/** The first values of a row. */
export type Key = readonly Cell[];

/**
 * All of them: a row refers only to rows of those before its own table, or to earlier ones of the same. What can be
 * made of these rows again isn't copied: generated columns, groups of images, and what names are searched by.
 */
export const INDEX_TABLES: readonly IndexTable[] = [
  table('spaces', 'id integer', {
    integer: `added_at left_at revision changed_at forgotten_in images collections described_images waiting_images
      incomplete_images broken_images read_bytes image_bytes bytes_revision last_success_at last_sync_at trouble_at
      refusals retry_at held_removals due_at full_due_at poll_due_at lease_sync lease_until names_proofs subtree_proofs
      search_proofs mismatches search_misses unchanged_requests`,
    real: 'rate_changes rate_span_ms look_cost',
    text: `user_name url trouble_kind trouble_message lease_owner names_evidence subtree_evidence search_evidence
      searched_marker search_trouble rules fingerprint`,
    boolean: `is_configured has_unread is_trouble_of_hint is_removal_accepted is_removal_refused is_relocated
      is_restored`,
    json: 'held_reasons left_off',
  }),
  large('collections', 'id integer', {
    integer: 'space parent modified_at listed_at empty_in_sync listed_in_sync absent_in_sync absent_in_full',
    text: 'path marker',
    boolean: 'is_settled is_proven is_mount is_joined is_contradicted',
    json: 'to_visit siblings',
  }),
  large('images', 'id integer', {
    integer: `space collection size_bytes modified_at created_at updated_at changed_in missing_since absent_in_sync
      absent_in_full absent_since state cpus memory_mib disk_count`,
    text: 'path name name_key etag product version os family',
    boolean: 'is_settled',
    quantity: 'capacity_bytes',
  }),
  large('descriptions', 'image integer', { integer: 'space reader requests bytes read_at', json: 'reading' }),
  large('syncs', 'id integer', {
    integer: `space created_at updated_at started_at resumed_at joined_at ended_at waiting expected collections failures
      images requests added altered removed`,
    text: 'task_id mode origin requested_by joined_by status',
    json: 'targets errors warnings',
  }),
  table('tokens', 'id integer', {
    integer: 'created_at expires_at used_at disabled_at revoked_at log_in_space',
    text: 'user_name hash name',
    json: 'scopes',
  }),
  table('links', 'user_name text', { integer: 'linked_at', text: 'server login_name key_id via', bytes: 'sealed' }),
  table('runs', 'number integer', { integer: 'began_at ended_at', text: 'key' }),
  table('hours', 'hour integer', { integer: 'syncs failed added removed spaces images bytes' }),
  table('webhooks', 'name text', { integer: 'epoch', text: 'target', json: 'users' }),
  table('webhook_places', 'hook text, space integer', {
    integer: 'revision up_to begun seen_id epoch attempts first_failed_at next_at',
    text: 'told state last_error',
    json: 'pending',
  }),
];

/** Those whose ids are given by the database, with the column. */
export const NUMBERED_TABLES: readonly (readonly [table: string, column: string])[] = INDEX_TABLES.flatMap(
  ({ name, columns: [key] }) => (key?.name === 'id' || key?.name === 'number' ? [[name, key.name]] : []),
);

/** Returns the table of this name. Throws OvadexError `foreign` if only another version has one. */
export function tableNamed(name: string): IndexTable {
  const found = INDEX_TABLES.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new OvadexError(
    'foreign',
    `the copy was begun by another ovadex, which has a table "${name}"; use that version`,
  );
}

/** Returns the key of a row. */
export function keyOf({ keyLength }: IndexTable, row: CopiedRow): Key {
  return row.slice(0, keyLength);
}

function large(name: string, key: string, others: Partial<Record<ColumnKind, string>>): IndexTable {
  return { ...table(name, key, others), isSmall: false };
}

function table(name: string, key: string, others: Partial<Record<ColumnKind, string>>): IndexTable {
  const keys = key.split(', ').map((each) => each.split(' ') as [string, ColumnKind]);
  const rest = Object.entries(others).flatMap(([kind, names]) =>
    names.split(/\s+/).map((each) => [each, kind as ColumnKind] as const),
  );
  const columns = [...keys, ...rest].map(([name, kind]) => ({ name, kind }));
  return { name, columns, keyLength: keys.length, isSmall: true };
}

import type { LeftOff } from '../../domain/model/left-off.js';
import type { MarkerEvidence } from '../../domain/model/markers.js';
import type { SearchEvidence } from '../../domain/model/search.js';
import type { SpaceTrouble } from '../../domain/model/space.js';
import type { SpaceDecision } from '../../domain/policy/space-decisions.js';
import type { SpaceRecord } from '../../domain/policy/space-record.js';
import type { Session } from '../connection/database.js';
import { storableJson } from '../connection/storable.js';

/** A record as PostgreSQL stores it. */
export interface RecordRow
  extends Omit<SpaceRecord, 'trouble' | 'evidence' | 'search' | 'rate'>,
    MarkerEvidence,
    SearchEvidence {
  readonly troubleKind: SpaceTrouble['kind'] | null;
  readonly troubleMessage: string | null;
  readonly troubleAt: number | null;
  readonly leftOff: LeftOff | null;
  readonly rateChanges: number;
  readonly rateSpanMs: number;
}

const COLUMNS: Readonly<Record<keyof RecordRow, string>> = {
  troubleKind: 'trouble_kind',
  troubleMessage: 'trouble_message',
  troubleAt: 'trouble_at',
  isTroubleOfHint: 'is_trouble_of_hint',
  refusals: 'refusals',
  heldRemovals: 'held_removals',
  heldReasons: 'held_reasons',
  isRemovalAccepted: 'is_removal_accepted',
  isRemovalRefused: 'is_removal_refused',
  isRelocated: 'is_relocated',
  fingerprint: 'fingerprint',
  isRestored: 'is_restored',
  lastSyncAt: 'last_sync_at',
  lastSuccessAt: 'last_success_at',
  leftOff: 'left_off',
  names: 'names_evidence',
  subtree: 'subtree_evidence',
  mismatches: 'mismatches',
  namesProofs: 'names_proofs',
  subtreeProofs: 'subtree_proofs',
  search: 'search_evidence',
  searchProofs: 'search_proofs',
  searchMisses: 'search_misses',
  searchedMarker: 'searched_marker',
  searchTrouble: 'search_trouble',
  unchangedRequests: 'unchanged_requests',
  dueAt: 'due_at',
  fullDueAt: 'full_due_at',
  pollDueAt: 'poll_due_at',
  retryAt: 'retry_at',
  rateChanges: 'rate_changes',
  rateSpanMs: 'rate_span_ms',
  lookCost: 'look_cost',
};

const columns = Object.entries(COLUMNS);

/** The columns of a `SpaceRecord`, by the names in `RecordRow`. */
export const RECORD_COLUMNS = columns.map(([name, column]) => `spaces.${column} AS "${name}"`).join(', ');

const UPDATE_SQL = `UPDATE spaces SET ${columns.map(([, column]) => `${column} = after.${column}`).join(', ')}
  FROM json_populate_recordset(NULL::spaces, $1) AS after WHERE spaces.id = after.id`;

/** Writes the records of any number of spaces, whose rows are locked. */
export async function writeRecords(session: Session, records: ReadonlyMap<number, SpaceRecord>): Promise<void> {
  if (records.size === 0) return;
  const rows = [...records].map(([id, record]) => {
    const row = rowOf(record);
    return { id, ...Object.fromEntries(columns.map(([name, column]) => [column, row[name as keyof RecordRow]])) };
  });
  await session.run(UPDATE_SQL, [storableJson(rows)]);
}

/** Applies a decision to a space's record in one transaction, and writes it if it has changed. */
export async function decide(session: Session, spaceId: number, decision: SpaceDecision, now: number): Promise<void> {
  const row = await session.row<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM spaces WHERE id = $1 FOR NO KEY UPDATE`, [
    spaceId,
  ]);
  const after = row === undefined ? null : decision(recordFromRow(row), now);
  if (after !== null) await writeRecords(session, new Map([[spaceId, after]]));
}

export function recordFromRow(row: RecordRow): SpaceRecord {
  const { troubleKind, troubleMessage, troubleAt, ...untroubled } = row;
  const { names, subtree, mismatches, namesProofs, subtreeProofs, ...others } = untroubled;
  const { search, searchProofs, searchMisses, searchedMarker, searchTrouble, rateChanges, rateSpanMs, ...rest } =
    others;
  return {
    ...rest,
    trouble: troubleKind === null ? null : { kind: troubleKind, message: troubleMessage ?? '', at: troubleAt ?? 0 },
    evidence: { names, subtree, mismatches, namesProofs, subtreeProofs },
    search: { search, searchProofs, searchMisses, searchedMarker, searchTrouble },
    rate: { changes: rateChanges, spanMs: rateSpanMs },
  };
}

function rowOf(record: SpaceRecord): RecordRow {
  const { trouble, evidence, search, rate, ...rest } = record;
  return {
    ...rest,
    ...evidence,
    ...search,
    rateChanges: rate.changes,
    rateSpanMs: rate.spanMs,
    troubleKind: trouble?.kind ?? null,
    troubleMessage: trouble?.message ?? null,
    troubleAt: trouble?.at ?? null,
  };
}

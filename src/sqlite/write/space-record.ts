import type { Database } from 'better-sqlite3';
import type { LeftOff } from '../../domain/model/left-off.js';
import type { MarkerEvidence } from '../../domain/model/markers.js';
import type { SearchEvidence } from '../../domain/model/search.js';
import type { SpaceTrouble } from '../../domain/model/space.js';
import type { SpaceDecision } from '../../domain/policy/space-decisions.js';
import type { SpaceRecord } from '../../domain/policy/space-record.js';

/** The records of spaces as rows; each call runs in its caller's transaction. */
export interface SpaceRecords {
  /** Returns null if there is no such space. */
  read(spaceId: number): SpaceRecord | null;
  write(spaceId: number, record: SpaceRecord): void;
  /** Applies a decision to a record, and writes it if it has changed. */
  decide(spaceId: number, decision: SpaceDecision, now: number): void;
}

/** A record as SQLite stores it: lists as JSON, truth as 0 and 1. */
interface RecordRow
  extends Omit<SpaceRecord, 'trouble' | 'heldReasons' | 'leftOff' | 'evidence' | 'search' | 'rate' | Flag>,
    MarkerEvidence,
    SearchEvidence,
    Readonly<Record<Flag, 0 | 1>> {
  readonly troubleKind: SpaceTrouble['kind'] | null;
  readonly troubleMessage: string | null;
  readonly troubleAt: number | null;
  readonly heldReasons: string;
  readonly leftOff: string | null;
  readonly rateChanges: number;
  readonly rateSpanMs: number;
}

type Flag = 'isTroubleOfHint' | 'isRemovalAccepted' | 'isRemovalRefused' | 'isRelocated' | 'isRestored';

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

export function createSpaceRecords(db: Database): SpaceRecords {
  const columns = Object.entries(COLUMNS);
  const select = db.prepare<[number], RecordRow>(
    `SELECT ${columns.map(([name, column]) => `${column} AS ${name}`).join(', ')} FROM spaces WHERE id = ?`,
  );
  const update = db.prepare<[RecordRow & { readonly spaceId: number }]>(
    `UPDATE spaces SET ${columns.map(([name, column]) => `${column} = :${name}`).join(', ')} WHERE id = :spaceId`,
  );
  const read = (spaceId: number) => {
    const row = select.get(spaceId);
    return row === undefined ? null : recordFromRow(row);
  };
  const write = (spaceId: number, record: SpaceRecord) => void update.run({ ...rowOf(record), spaceId });
  return {
    read,
    write,
    decide(spaceId, decision, now) {
      const before = read(spaceId);
      const after = before === null ? null : decision(before, now);
      if (after !== null) write(spaceId, after);
    },
  };
}

function recordFromRow(row: RecordRow): SpaceRecord {
  const { troubleKind, troubleMessage, troubleAt, ...untroubled } = row;
  const { names, subtree, mismatches, namesProofs, subtreeProofs, ...others } = untroubled;
  const { search, searchProofs, searchMisses, searchedMarker, searchTrouble, rateChanges, rateSpanMs, ...rest } =
    others;
  return {
    ...rest,
    trouble: troubleKind === null ? null : { kind: troubleKind, message: troubleMessage ?? '', at: troubleAt ?? 0 },
    isTroubleOfHint: row.isTroubleOfHint === 1,
    heldReasons: JSON.parse(row.heldReasons) as readonly string[],
    isRemovalAccepted: row.isRemovalAccepted === 1,
    isRemovalRefused: row.isRemovalRefused === 1,
    isRelocated: row.isRelocated === 1,
    isRestored: row.isRestored === 1,
    leftOff: row.leftOff === null ? null : (JSON.parse(row.leftOff) as LeftOff),
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
    isTroubleOfHint: record.isTroubleOfHint ? 1 : 0,
    heldReasons: JSON.stringify(record.heldReasons),
    isRemovalAccepted: record.isRemovalAccepted ? 1 : 0,
    isRemovalRefused: record.isRemovalRefused ? 1 : 0,
    isRelocated: record.isRelocated ? 1 : 0,
    isRestored: record.isRestored ? 1 : 0,
    leftOff: record.leftOff === null ? null : JSON.stringify(record.leftOff),
  };
}

import type { MarkerEvidence } from '../../domain/model/markers.js';
import type { SearchEvidence } from '../../domain/model/search.js';
import type { Space, SpaceTrouble } from '../../domain/model/space.js';
import { isStorable } from '../../sql/filter-sql.js';
import type { Session } from '../connection/database.js';

/** The columns of a `Space`, by the names in `SpaceRow`. */
export const SPACE_COLUMNS = `spaces.id, spaces.user_name AS "user", spaces.url, spaces.revision, spaces.changed_at AS "changedAt",
  spaces.images, spaces.described_images AS "describedImages", spaces.waiting_images AS "waitingImages",
  spaces.incomplete_images AS "incompleteImages", spaces.broken_images AS "brokenImages", spaces.read_bytes AS "readBytes",
  spaces.collections, spaces.added_at AS "addedAt", spaces.last_success_at AS "lastSuccessAt", spaces.last_sync_at AS "lastSyncAt",
  spaces.trouble_kind, spaces.trouble_message, spaces.trouble_at, spaces.held_removals AS "heldRemovals",
  spaces.held_reasons AS "heldReasons", spaces.is_removal_refused AS "isRemovalRefused", spaces.next_sync_at AS "nextSyncAt",
  spaces.names_evidence, spaces.subtree_evidence, spaces.mismatches, spaces.names_proofs, spaces.subtree_proofs,
  spaces.search_evidence, spaces.search_proofs, spaces.search_misses, spaces.searched_marker, spaces.search_trouble,
  spaces.rate_changes, spaces.rate_span_ms`;

export interface SpaceRow extends Omit<Space, 'trouble' | 'evidence' | 'search' | 'rate'> {
  readonly trouble_kind: SpaceTrouble['kind'] | null;
  readonly trouble_message: string | null;
  readonly trouble_at: number | null;
  readonly names_evidence: MarkerEvidence['names'];
  readonly subtree_evidence: MarkerEvidence['subtree'];
  readonly mismatches: number;
  readonly names_proofs: number;
  readonly subtree_proofs: number;
  readonly search_evidence: SearchEvidence['search'];
  readonly search_proofs: number;
  readonly search_misses: number;
  readonly searched_marker: string | null;
  readonly search_trouble: string | null;
  readonly rate_changes: number;
  readonly rate_span_ms: number;
}

export function spaceFromRow(row: SpaceRow): Space {
  const { trouble_kind, trouble_message, trouble_at, names_evidence, subtree_evidence, ...others } = row;
  const { mismatches, names_proofs, subtree_proofs, rate_changes, rate_span_ms, ...further } = others;
  const { search_evidence, search_proofs, search_misses, searched_marker, search_trouble, ...plain } = further;
  return {
    ...plain,
    trouble: trouble_kind === null ? null : { kind: trouble_kind, message: trouble_message ?? '', at: trouble_at ?? 0 },
    evidence: {
      names: names_evidence,
      subtree: subtree_evidence,
      mismatches,
      namesProofs: names_proofs,
      subtreeProofs: subtree_proofs,
    },
    search: {
      search: search_evidence,
      searchProofs: search_proofs,
      searchMisses: search_misses,
      searchedMarker: searched_marker,
      searchTrouble: search_trouble,
    },
    rate: { changes: rate_changes, spanMs: rate_span_ms },
  };
}

/** Reads the configured space of a user; null if there is none. */
export async function readSpace(session: Session, user: string): Promise<Space | null> {
  const [space] = await readSpaces(session, [user]);
  return space ?? null;
}

/** Reads the configured spaces of these users, in any order. */
export async function readSpaces(session: Session, users: readonly string[]): Promise<readonly Space[]> {
  const rows = await session.rows<SpaceRow>(
    `SELECT ${SPACE_COLUMNS} FROM spaces WHERE user_name = ANY($1) AND is_configured`,
    [users.filter(isStorable)],
  );
  return rows.map(spaceFromRow);
}

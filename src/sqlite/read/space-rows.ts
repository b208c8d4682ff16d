import type { MarkerEvidence } from '../../domain/model/markers.js';
import type { SearchEvidence } from '../../domain/model/search.js';
import type { Space, SpaceTrouble } from '../../domain/model/space.js';

/** The columns of a `Space`, in the order of `SpaceRow`. */
export const SPACE_COLUMNS = `spaces.id, spaces.user, spaces.url, spaces.revision, spaces.changed_at, spaces.images, spaces.collections,
  spaces.added_at, spaces.last_success_at, spaces.last_sync_at, spaces.trouble_kind, spaces.trouble_message,
  spaces.trouble_at, spaces.held_removals, spaces.next_sync_at, spaces.names_evidence, spaces.subtree_evidence,
  spaces.mismatches, spaces.names_proofs, spaces.subtree_proofs, spaces.held_reasons, spaces.is_removal_refused,
  spaces.search_evidence, spaces.search_proofs, spaces.search_misses, spaces.searched_marker, spaces.search_trouble,
  spaces.rate_changes, spaces.rate_span_ms, spaces.described_images, spaces.waiting_images, spaces.incomplete_images,
  spaces.broken_images, spaces.read_bytes`;

export type SpaceRow = readonly [
  id: number,
  user: string,
  url: string,
  revision: number,
  changedAt: number | null,
  images: number,
  collections: number,
  addedAt: number,
  lastSuccessAt: number | null,
  lastSyncAt: number | null,
  troubleKind: SpaceTrouble['kind'] | null,
  troubleMessage: string | null,
  troubleAt: number | null,
  heldRemovals: number | null,
  nextSyncAt: number | null,
  names: MarkerEvidence['names'],
  subtree: MarkerEvidence['subtree'],
  mismatches: number,
  namesProofs: number,
  subtreeProofs: number,
  heldReasons: string,
  isRemovalRefused: 0 | 1,
  search: SearchEvidence['search'],
  searchProofs: number,
  searchMisses: number,
  searchedMarker: string | null,
  searchTrouble: string | null,
  rateChanges: number,
  rateSpanMs: number,
  describedImages: number,
  waitingImages: number,
  incompleteImages: number,
  brokenImages: number,
  readBytes: number,
];

/** The value for nearly every space. */
const NONE: readonly string[] = [];

export function spaceFromRow(row: SpaceRow): Space {
  const [id, user, url, revision, changedAt, images, collections, addedAt, lastSuccessAt, lastSyncAt] = row;
  const [, , , , , , , , , , kind, message, at, heldRemovals, nextSyncAt, names, subtree, mismatches, ...later] = row;
  const [namesProofs, subtreeProofs, heldReasons, isRemovalRefused, ...searched] = later;
  const [search, searchProofs, searchMisses, searchedMarker, searchTrouble, changes, spanMs, ...counted] = searched;
  const [describedImages, waitingImages, incompleteImages, brokenImages, readBytes] = counted;
  return {
    id,
    user,
    url,
    revision,
    changedAt,
    images,
    describedImages,
    waitingImages,
    incompleteImages,
    brokenImages,
    readBytes,
    collections,
    addedAt,
    lastSuccessAt,
    lastSyncAt,
    trouble: kind === null ? null : { kind, message: message ?? '', at: at ?? 0 },
    heldRemovals,
    heldReasons: heldReasons === '[]' ? NONE : (JSON.parse(heldReasons) as readonly string[]),
    isRemovalRefused: isRemovalRefused === 1,
    nextSyncAt,
    evidence: { names, subtree, mismatches, namesProofs, subtreeProofs },
    search: { search, searchProofs, searchMisses, searchedMarker, searchTrouble },
    rate: { changes, spanMs },
  };
}

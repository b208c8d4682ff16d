import { HELD_WARNING, heldReasonsIn } from '../domain/held.js';
import type { MarkerEvidence } from '../domain/markers.js';
import type { Space, SpaceTrouble } from '../domain/space.js';

/** What the last sync that held something warned of; looked for where something is held. */
const HELD_WARNINGS = `iif(spaces.held_removals IS NULL, NULL,
  (SELECT warnings FROM syncs WHERE syncs.space = spaces.id AND warnings LIKE '%"${HELD_WARNING}%' ORDER BY syncs.id DESC LIMIT 1))`;

/** The columns of a `Space`, in the order of `SpaceRow`. */
export const SPACE_COLUMNS = `spaces.id, spaces.user, spaces.url, spaces.revision, spaces.changed_at, spaces.images, spaces.collections,
  spaces.added_at, spaces.last_success_at, spaces.last_sync_at, spaces.trouble_kind, spaces.trouble_message,
  spaces.trouble_at, spaces.held_removals, spaces.next_sync_at, spaces.names_evidence, spaces.subtree_evidence,
  spaces.mismatches, spaces.is_removal_refused, ${HELD_WARNINGS}`;

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
  isRemovalRefused: 0 | 1,
  heldWarnings: string | null,
];

export function spaceFromRow(row: SpaceRow): Space {
  const [id, user, url, revision, changedAt, images, collections, addedAt, lastSuccessAt, lastSyncAt] = row;
  const [
    ,
    ,
    ,
    ,
    ,
    ,
    ,
    ,
    ,
    ,
    kind,
    message,
    at,
    heldRemovals,
    nextSyncAt,
    names,
    subtree,
    mismatches,
    isRefused,
    warnings,
  ] = row;
  return {
    id,
    user,
    url,
    revision,
    changedAt,
    images,
    collections,
    addedAt,
    lastSuccessAt,
    lastSyncAt,
    trouble: kind === null ? null : { kind, message: message ?? '', at: at ?? 0 },
    heldRemovals,
    heldReasons: warnings === null ? [] : heldReasonsIn(JSON.parse(warnings) as string[]),
    isRemovalRefused: isRefused === 1,
    nextSyncAt,
    evidence: { names, subtree, mismatches },
  };
}

import { changesPerDay, expectedAge } from '../domain/freshness/change-rate.js';
import type { Evidence, Pruning } from '../domain/model/markers.js';
import type { SearchUse } from '../domain/model/search.js';
import type { Space, SpaceState, SpaceTrouble } from '../domain/model/space.js';
import type { LookWay, SpaceLook } from '../domain/policy/space-look.js';
import type { ClientAdminSyncJson } from './sync.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** A space as JSON, for administrators. */
export interface SpaceJson {
  readonly user: string;
  readonly url: string;
  readonly state: SpaceState;
  readonly images: number;
  /** Images of which it is known what they are. */
  readonly described_images: number;
  /** Images that wait for being read to tell what they are. */
  readonly waiting_images: number;
  readonly incomplete_images: number;
  readonly broken_images: number;
  readonly read_bytes: number;
  readonly collections: number;
  readonly revision: number;
  /** The end of the last sync that left nothing unlisted. */
  readonly last_success_on: string | null;
  readonly last_sync_on: string | null;
  readonly last_error: SpaceErrorJson | null;
  readonly held_removals: number | null;
  readonly removals_refused: boolean;
  readonly next_sync_on: string | null;
  /** Seconds since the last sync that left nothing unlisted. */
  readonly age_seconds: number | null;
  /** For how many seconds the list has been outdated on average, by how often the space changes. */
  readonly expected_age_seconds: number | null;
  readonly changes_per_day: number;
  /** Seconds from the last sync that left nothing unlisted to the next that is planned. */
  readonly look_interval_seconds: number | null;
  readonly look: LookWay;
  readonly pruning: Pruning;
  readonly mismatches: number;
  readonly search: SearchUse;
  readonly search_misses: number;
  /** Why its storage is not searched. */
  readonly search_trouble: string | null;
  /** Whether its user has connected its storage. */
  readonly is_linked: boolean;
}

/** A space on its own: why it is as it is, and what its syncs do. */
export interface SpaceDetailsJson extends SpaceJson {
  readonly evidence: EvidenceJson;
  /** Why a removal is held; empty if none is. */
  readonly held_reasons: readonly string[];
  /** The last sync of the whole space that came to an end by itself; its warnings name the collections that failed. */
  readonly last_sync: ClientAdminSyncJson | null;
  readonly running_sync: ClientAdminSyncJson | null;
}

/** What markers and the storage's search were seen to prove, and how far proofs have come that were lost. */
export interface EvidenceJson {
  readonly names: Evidence;
  readonly names_proofs: number;
  readonly subtree: Evidence;
  readonly subtree_proofs: number;
  readonly search: Evidence;
  readonly search_proofs: number;
}

/** The problem of a space's last sync. */
export interface SpaceErrorJson {
  readonly kind: SpaceTrouble['kind'];
  readonly message: string;
  readonly on: string;
}

/** A space as JSON, for its own user. */
export interface OwnSpaceJson extends Pick<SpaceJson, 'state' | 'images' | 'url' | 'next_sync_on'> {
  /** When the list was last known to be whole: `last_success_on` of its space. */
  readonly synced_on: string | null;
}

/** Why the removal of images is held, and whether an administrator has refused it. */
export interface HeldRemovalJson {
  readonly removals: number;
  readonly refused: boolean;
  readonly reasons: readonly string[];
}

/** Returns a space as JSON; `state` is its condition at `now`, see `stateOf`, and `look` how it is looked at, see `lookOf`. */
export function spaceToJson(
  space: Space,
  state: SpaceState,
  look: SpaceLook,
  now: number,
  write: TimestampWriter = timestamp,
): SpaceJson {
  const ageMs = space.lastSuccessAt === null ? null : Math.max(0, now - space.lastSuccessAt);
  return {
    user: space.user,
    url: space.url,
    state,
    images: space.images,
    described_images: space.describedImages,
    waiting_images: space.waitingImages,
    incomplete_images: space.incompleteImages,
    broken_images: space.brokenImages,
    read_bytes: space.readBytes,
    collections: space.collections,
    revision: space.revision,
    last_success_on: write(space.lastSuccessAt),
    last_sync_on: write(space.lastSyncAt),
    last_error: space.trouble && {
      kind: space.trouble.kind,
      message: space.trouble.message,
      on: write(space.trouble.at),
    },
    held_removals: space.heldRemovals,
    removals_refused: space.isRemovalRefused,
    next_sync_on: write(space.nextSyncAt),
    age_seconds: ageMs && Math.round(ageMs / 1_000),
    expected_age_seconds: ageMs && Number((expectedAge(space.rate, ageMs) / 1_000).toPrecision(2)),
    changes_per_day: Number(changesPerDay(space.rate).toPrecision(2)),
    look_interval_seconds: look.intervalMs && Math.round(look.intervalMs / 1_000),
    look: look.way,
    pruning: look.pruning,
    mismatches: space.evidence.mismatches,
    search: look.search,
    search_misses: space.search.searchMisses,
    search_trouble: space.search.searchTrouble,
    is_linked: look.isLinked,
  };
}

/** Adds to a space what is shown of it on its own. */
export function withSpaceDetails(
  json: SpaceJson,
  { evidence, search, heldReasons }: Space,
  syncs: { readonly last: ClientAdminSyncJson | null; readonly running: ClientAdminSyncJson | null },
): SpaceDetailsJson {
  const { names, namesProofs, subtree, subtreeProofs } = evidence;
  return {
    ...json,
    evidence: {
      names,
      names_proofs: namesProofs,
      subtree,
      subtree_proofs: subtreeProofs,
      search: search.search,
      search_proofs: search.searchProofs,
    },
    held_reasons: heldReasons,
    last_sync: syncs.last,
    running_sync: syncs.running,
  };
}

export function ownSpaceToJson(space: Space, state: SpaceState): OwnSpaceJson {
  return {
    state,
    images: space.images,
    synced_on: timestamp(space.lastSuccessAt),
    url: space.url,
    next_sync_on: timestamp(space.nextSyncAt),
  };
}

export function heldRemovalToJson(space: Space): HeldRemovalJson {
  return { removals: space.heldRemovals ?? 0, refused: space.isRemovalRefused, reasons: space.heldReasons };
}

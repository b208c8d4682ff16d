import { countImages, noImages } from '../../../src/domain/description/image-counts.js';
import { judgeState } from '../../../src/domain/description/image-state.js';
import type { Reading, ReadingCost } from '../../../src/domain/description/reading.js';
import type { HourRecord } from '../../../src/domain/diagnosis/history.js';
import { compareCodePoints } from '../../../src/domain/lists/order.js';
import type { Image, ImageResource } from '../../../src/domain/model/image.js';
import type { LinkRecord } from '../../../src/domain/model/link.js';
import type { Sibling } from '../../../src/domain/model/listing.js';
import { parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import type { Space } from '../../../src/domain/model/space.js';
import type { SpaceDecision } from '../../../src/domain/policy/space-decisions.js';
import { nextSyncAt } from '../../../src/domain/policy/space-plan.js';
import type { SpaceRecord } from '../../../src/domain/policy/space-record.js';
import type { JoinedSync } from '../../../src/domain/policy/sync-filing.js';
import type { Clock } from '../../../src/domain/ports/clock.js';
import type { Lease } from '../../../src/domain/ports/sync-log.js';
import type { KeptSyncs } from './kept-syncs.js';

export interface Memory {
  readonly clock: Clock;
  /** By id. */
  readonly spaces: Map<number, MemorySpace>;
  readonly syncs: KeptSyncs;
  /** Clients' requests that running syncs have answered, by the syncs' ids. */
  readonly joined: Map<number, Omit<JoinedSync, 'spaceId'>>;
  /** By user. */
  readonly links: Map<string, LinkRecord>;
  /** The keys of the runs in this history, and whether the last one goes on. */
  runs: { keys: string[]; isOpen: boolean };
  /** By their number. */
  readonly hours: Map<number, HourRecord>;
  lastSyncId: number;
  lastImageId: number;
}

export interface MemorySpace {
  readonly id: number;
  readonly user: string;
  url: string;
  rules: string;
  readonly addedAt: number;
  readBytes: number;
  isConfigured: boolean;
  revision: number;
  changedAt: number | null;
  /** The last revision of a removal that is forgotten. */
  forgottenIn: number;
  /** An image may wait for being read. */
  mayBeUnread: boolean;
  record: SpaceRecord;
  lease: (Lease & { until: number; resumedAt: number | null }) | null;
  /** By path, tombstones included. */
  readonly images: Map<ResourcePath, MemoryImage>;
  readonly collections: Map<ResourcePath, MemoryCollection>;
}

/** What was read of an image. */
export interface MemoryReading {
  readonly reader: number;
  readonly reading: Reading;
  readonly cost: ReadingCost;
  readonly readAt: number;
}

export interface MemoryImage extends Mutable<Omit<Image, 'state'> & ImageResource> {
  /** Of its present content; null if it hasn't been read. */
  read: MemoryReading | null;
  missingSince: number | null;
  /** The revision with which readers last saw it change. */
  changedIn: number;
  absentInSync: number | null;
  absentInFull: number | null;
  absentSince: number | null;
}

export interface MemoryCollection {
  marker: string | null;
  isSettled: boolean;
  isProven: boolean;
  isMount: boolean;
  isJoined: boolean;
  toVisit: readonly ResourcePath[] | null;
  modifiedAt: number | null;
  listedAt: number | null;
  emptyInSync: number | null;
  isContradicted: boolean;
  absentInSync: number | null;
  absentInFull: number | null;
  listedInSync: number | null;
  siblings: readonly Sibling[] | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function isShown(image: MemoryImage): boolean {
  return image.missingSince === null;
}

export function shownImages(space: MemorySpace): MemoryImage[] {
  return [...space.images.values()].filter(isShown);
}

/** Counts all images anew, whatever has happened. */
function countsOf(space: MemorySpace) {
  const counts = noImages();
  for (const image of shownImages(space)) countImages(counts, judge(space, image).state, 1);
  return {
    describedImages: counts.described,
    waitingImages: counts.waiting,
    incompleteImages: counts.incomplete,
    brokenImages: counts.broken,
    readBytes: space.readBytes,
  };
}

/** Judges an image as it is now. */
export function judge(space: MemorySpace, { name, path, isSettled, read }: MemoryImage) {
  const siblings = space.collections.get(parentOf(path))?.siblings ?? null;
  return judgeState({ name, isSettled }, read?.reading ?? null, siblings);
}

export function toSpace(space: MemorySpace): Space {
  const { id, user, url, revision, changedAt, addedAt, record } = space;
  const { lastSuccessAt, lastSyncAt, trouble, heldRemovals, heldReasons, isRemovalRefused, evidence, search, rate } =
    record;
  return {
    id,
    user,
    url,
    revision,
    changedAt,
    images: shownImages(space).length,
    ...countsOf(space),
    collections: space.collections.size,
    addedAt,
    lastSuccessAt,
    lastSyncAt,
    trouble,
    heldRemovals,
    heldReasons,
    isRemovalRefused,
    nextSyncAt: nextSyncAt(record),
    evidence,
    search,
    rate,
  };
}

/** Changes a space's record as a decision says. */
export function decide(memory: Memory, spaceId: number, decision: SpaceDecision): void {
  const space = memory.spaces.get(spaceId);
  if (space !== undefined) space.record = decision(space.record, memory.clock()) ?? space.record;
}

/** Configured spaces by user, in the order of code points. */
export function configuredSpaces(memory: Memory): MemorySpace[] {
  return [...memory.spaces.values()]
    .filter((space) => space.isConfigured)
    .sort((a, b) => compareCodePoints(a.user, b.user));
}

export function holdsLease(space: MemorySpace | undefined, lease: Lease): space is MemorySpace {
  return space?.lease?.owner === lease.owner && space.lease.syncId === lease.syncId;
}

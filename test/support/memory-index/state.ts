import type { Image, ImageResource } from '../../../src/domain/model/image.js';
import type { LeftOff } from '../../../src/domain/model/left-off.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { Space } from '../../../src/domain/model/space.js';
import type { Sync } from '../../../src/domain/model/sync.js';
import type { Clock, Lease } from '../../../src/domain/ports.js';

export interface Memory {
  readonly clock: Clock;
  /** By id. */
  readonly spaces: Map<number, MemorySpace>;
  /** By id, in the order they were filed. */
  readonly syncs: Map<number, Sync>;
  lastImageId: number;
}

export interface MemorySpace extends Mutable<Omit<Space, 'images' | 'collections' | 'nextSyncAt'>> {
  isConfigured: boolean;
  isRemovalAccepted: boolean;
  isRelocated: boolean;
  refusals: number;
  retryAt: number | null;
  leftOff: LeftOff | null;
  isTroubleOfHint: boolean;
  rules: string;
  dueAt: number | null;
  fullDueAt: number | null;
  pollDueAt: number | null;
  lease: (Lease & { until: number }) | null;
  /** By path, tombstones included. */
  readonly images: Map<ResourcePath, MemoryImage>;
  readonly collections: Map<ResourcePath, MemoryCollection>;
}

export interface MemoryImage extends Mutable<Image & ImageResource> {
  missingSince: number | null;
  absentInSync: number | null;
  absentInFull: number | null;
  absentSince: number | null;
}

export interface MemoryCollection {
  marker: string | null;
  isSettled: boolean;
  isProven: boolean;
  isMount: boolean;
  toVisit: readonly ResourcePath[] | null;
  modifiedAt: number | null;
  listedAt: number | null;
  emptyInSync: number | null;
  isContradicted: boolean;
  absentInSync: number | null;
  absentInFull: number | null;
  listedInSync: number | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The earlier of two times, either of which may be unset. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

export function isSuspended(space: Pick<MemorySpace, 'trouble'>): boolean {
  return space.trouble?.kind === 'unauthorized';
}

export function isShown(image: MemoryImage): boolean {
  return image.missingSince === null;
}

export function toSpace(space: MemorySpace): Space {
  return {
    id: space.id,
    user: space.user,
    url: space.url,
    revision: space.revision,
    changedAt: space.changedAt,
    images: [...space.images.values()].filter(isShown).length,
    collections: space.collections.size,
    addedAt: space.addedAt,
    lastSuccessAt: space.lastSuccessAt,
    lastSyncAt: space.lastSyncAt,
    trouble: space.trouble,
    heldRemovals: space.heldRemovals,
    heldReasons: space.heldReasons,
    isRemovalRefused: space.isRemovalRefused,
    nextSyncAt: isSuspended(space) ? space.retryAt : earlier(earlier(space.dueAt, space.fullDueAt), space.pollDueAt),
    evidence: space.evidence,
  };
}

/** Configured spaces by user, in the order of code points. */
export function configuredSpaces(memory: Memory): MemorySpace[] {
  return [...memory.spaces.values()]
    .filter((space) => space.isConfigured)
    .sort((a, b) => Buffer.compare(Buffer.from(a.user), Buffer.from(b.user)));
}

export function holdsLease(space: MemorySpace | undefined, lease: Lease): space is MemorySpace {
  return space?.lease?.owner === lease.owner && space.lease.syncId === lease.syncId;
}

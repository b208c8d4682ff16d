import { parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import type { Sync } from '../../../src/domain/model/sync.js';
import type { ClaimedSync } from '../../../src/domain/ports/sync-log.js';
import { spellingKey } from '../../support/dav-server/spelling.js';
import type { KnownWhole } from '../../support/known-whole.js';
import type { Shown } from '../reader.js';
import type { Storage } from '../storage.js';
import { beliefIn, beliefOf } from './belief.js';
import type { Memory } from './memory.js';
import type { Evidence } from './witness.js';

/** The index at one moment. */
export interface Snapshot extends Shown {
  readonly known: ReadonlyMap<string, KnownWhole>;
}

/** One run of a sync, from its claim to its end or its process's, and all that is known of it. */
export interface Segment {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly claimed: ClaimedSync;
  /** As it stands afterwards. */
  readonly sync: Sync;
  readonly ending: 'ran' | 'killed' | 'stolen';
  readonly evidence: Evidence;
  /** Of former runs. */
  readonly memory: Memory;
  readonly storage: Storage;
  /** Of the storage, when it began. */
  readonly versionBefore: number;
  /** Nothing but the faults of answers can have been in the way. */
  readonly isUndisturbed: boolean;
  /** No sync came to its end since the space's URL changed. */
  readonly isUrlNew: boolean;
  /** No sync since has found all in order. */
  readonly isUrlDoubtful: boolean;
  /** Of the storage when the sync was claimed first, and whether anything doubtful was said since. */
  readonly syncBegan: { readonly version: number; readonly isAllTrue: boolean };
}

export const parent = (path: string): string => parentOf(path as ResourcePath);

/** The path itself and every collection above it, the root not included. */
export function lineage(path: string): string[] {
  const line: string[] = [];
  for (let each = path; each !== ''; each = parent(each)) line.push(each);
  return line;
}

export function isWithin(path: string, collection: string): boolean {
  return collection === '' || path === collection || path.startsWith(`${collection}/`);
}

export function isChangedMeanwhile({ storage, versionBefore }: Segment): boolean {
  return storage.version !== versionBefore;
}

/** Images that were shown before and aren't any more. */
export function removedIn({ before, after }: Segment): string[] {
  return [...before.images.keys()].filter((path) => !after.images.has(path));
}

/** The collections that have lost all that they held, and of which this run need not believe it. */
export function suspiciousCollections(segment: Segment): string[] {
  const { evidence, before, claimed, memory } = segment;
  const seenNow = [...evidence.listed()].filter((collection) => {
    const listing = evidence.completeListing(collection);
    return listing !== null && beliefIn(segment, listing) !== 'must';
  });
  // A resumed sync doesn't ask again.
  const seenBefore = [...before.known.values()].filter(
    ({ path }) => claimed.isResumed && memory.looks(path).at(-1)?.syncId === claimed.sync.id,
  );
  return [...seenNow, ...seenBefore.map(({ path }) => path)];
}

/** Whether the storage said that this image is gone, in a manner that may be believed. */
export function isRemovalGrounded(segment: Segment, path: string): boolean {
  const { evidence, claimed } = segment;
  if (claimed.isRemovalAccepted) return true;
  const mayBelieve = (each: string, kind: 'image' | 'collection') =>
    evidence.denials(each, kind).some((said) => {
      if (said.worth === 'odd' && !isDeniedTwice(segment, each)) return false;
      return beliefOf(segment, said, each, kind) !== 'never';
    });
  if (mayBelieve(path, 'image')) return true;
  return lineage(parent(path)).some((each) => mayBelieve(each, 'collection') && isGoneAfterAll(segment, each));
}

/** Whether a collection that its parent doesn't show may be taken for gone. */
function isGoneAfterAll(segment: Segment, collection: string): boolean {
  const { evidence, storage } = segment;
  if (evidence.isDisowned(collection) || storage.isExcluded(collection)) return true;
  if (isSpelledOtherwise(segment, collection)) return true;
  return isDeniedTwice(segment, collection) && !evidence.isFound(collection);
}

/** Two full syncs whose parent's listing is without it. */
export function isDeniedTwice({ claimed, memory }: Segment, path: string): boolean {
  const { id, mode } = claimed.sync;
  return mode === 'full' && [...memory.deniedIn(path)].some((sync) => sync !== id);
}

/** The same, where nobody could doubt that the listings were whole. */
export function isSurelyDeniedTwice({ claimed, memory }: Segment, path: string): boolean {
  const { id, mode } = claimed.sync;
  return mode === 'full' && [...memory.surelyDeniedIn(path)].some((sync) => sync !== id);
}

/** Its parent shows the same name in another spelling. */
export function isSpelledOtherwise({ evidence }: Segment, collection: string): boolean {
  const key = (path: string) => spellingKey(Buffer.from(path).toString('latin1'), 'both');
  const isOther = (each: string) => each !== collection && key(each) === key(collection);
  return evidence
    .listings(parent(collection))
    .some(({ shown }) => shown?.members.some((each) => isOther(each) && !shown.files.has(each)));
}

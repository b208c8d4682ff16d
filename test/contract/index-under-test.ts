import { DEFAULT_SORT, type ImageQuery } from '../../src/domain/lists/image-list.js';
import type { ImageResource } from '../../src/domain/model/image.js';
import type { Listing } from '../../src/domain/model/listing.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Space } from '../../src/domain/model/space.js';
import type { SyncMode, SyncOutcome } from '../../src/domain/model/sync.js';
import type { CollectionCommit, CommitCounts } from '../../src/domain/ports/image-index.js';
import type { ClaimedSync, Lease } from '../../src/domain/ports/sync-log.js';
import type { ReconcilingSync } from '../../src/domain/reconcile/reconcile.js';
import { readWhole, reconcileWhole } from '../support/known-whole.js';
import type { IndexPorts } from '../support/memory-index/memory-index.js';
import { PROCESSED } from '../support/processed.js';

/** A fresh, empty index and the clock that it reads. */
export interface IndexUnderTest extends IndexPorts {
  readonly clock: { now: number };
  close(): Promise<void>;
}

export type MakeIndex = () => Promise<IndexUnderTest>;

export const LEASE_MS = 30_000;
export const RULES = 'rules';
export const ALL: ImageQuery = { nameContains: [], sort: DEFAULT_SORT };

export const at = (path: string): ResourcePath => path as ResourcePath;

export function image(path: string, content: Partial<ImageResource> = {}): ImageResource {
  return { path: at(path), sizeBytes: 100, etag: null, modifiedAt: 1_000, ...content };
}

/** Each listing is of a collection that was changed ten seconds after the last one. */
let lastDate = 1_600_000_000_000;

/** A complete listing; a text among the images is an image of the usual size and date. */
export function listing(
  collection: string,
  images: readonly (ImageResource | string)[],
  collections: readonly string[] = [],
  marker: string | null = null,
): Listing {
  lastDate += 10_000;
  return {
    collection: at(collection),
    verdict: { complete: true },
    marker,
    modifiedAt: lastDate,
    askedAt: lastDate + 5_000,
    isSettled: marker !== null,
    mayPropagate: false,
    isMount: false,
    images: images.map((each) => (typeof each === 'string' ? image(each) : each)),
    collections: collections.map((path) => ({ path: at(path), marker: null, isMount: false })),
    siblings: null,
    guarded: [],
    misfits: [],
    memberCount: images.length + collections.length,
    requests: 1,
  };
}

/** Configures exactly these users' spaces. */
export function configure(index: IndexUnderTest, ...users: string[]): Promise<readonly Space[]> {
  return index.spaces.configure(
    users.map((user) => ({ user, url: `http://dav.test/${user}/` })),
    RULES,
    index.clock.now,
  );
}

export async function spaceOf(index: IndexUnderTest, user: string): Promise<Space> {
  const space = await index.catalogue.space(user);
  if (space === null) throw new Error(`no space of ${user}`);
  return space;
}

/** Files a sync of the user's space and claims it. */
export async function begin(
  index: IndexUnderTest,
  user: string,
  options: { mode?: SyncMode; targets?: readonly ResourcePath[]; owner?: string } = {},
): Promise<ClaimedSync> {
  const { mode = 'full', targets = [], owner = 'worker' } = options;
  const { id: spaceId } = await spaceOf(index, user);
  const sync = await index.syncs.request({ spaceId, mode, trigger: 'command', requestedBy: null, targets });
  const claimed = await index.syncs.claim({ owner, leaseMs: LEASE_MS, syncId: sync.id });
  if (claimed === null) throw new Error(`sync ${sync.id} could not be claimed`);
  return claimed;
}

export async function end(index: IndexUnderTest, lease: Lease, outcome: Partial<SyncOutcome> = {}): Promise<void> {
  await index.syncs.finish(lease, { ...PROCESSED, ...outcome });
}

/** A full sync of a space whose markers nothing is known of. */
export function reconcilingIn({ syncId }: Lease): ReconcilingSync {
  return { id: syncId, isHint: false, isFull: true, doDatesMove: false, isAccepted: false, isExcluded: () => false };
}

/** What a crawler does with one listing; vanished children count as proven gone. */
export async function commit(
  index: IndexUnderTest,
  lease: Lease,
  seen: Listing,
  options: Partial<Omit<CollectionCommit, 'changes'>> = {},
  sync: Partial<ReconcilingSync> = {},
): Promise<CommitCounts> {
  const known = await readWhole(index.index, lease.spaceId, seen.collection);
  const changes = reconcileWhole(seen, known, { ...reconcilingIn(lease), ...sync });
  if (changes === null) return { added: 0, altered: 0, removed: 0 };
  return index.index.commit(lease, [
    {
      changes,
      absent: changes.vanished.map(({ child }) => child.path),
      unproven: [],
      present: [],
      removals: 'apply',
      toVisit: null,
      ...options,
    },
  ]);
}

/** One whole sync that sees exactly these listings. */
export async function syncOnce(index: IndexUnderTest, user: string, ...listings: readonly Listing[]): Promise<void> {
  const { lease } = await begin(index, user);
  for (const seen of listings) await commit(index, lease, seen);
  await end(index, lease);
}

/** The paths that the user is shown, in the usual order of names. */
export async function shown(index: IndexUnderTest, user: string): Promise<readonly string[]> {
  const found = await index.catalogue.images(user, ALL);
  return found === null ? [] : found.images.map(({ path }) => path);
}

import type { Listing, Probe } from '../../domain/model/listing.js';
import { provenUnchanged, type Trust } from '../../domain/model/markers.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { KnownContent } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import type { KnownCollection } from '../../domain/reconcile/known-collection.js';

import { type Mounts, outermost } from './mounts.js';

/** Decides what a sync need not ask the storage: nothing is skipped in a full one, which checks all others. */
export interface Pruner {
  /** Whether this sync believes that markers prove whole subtrees, as long as the storage's properties allow it. */
  readonly isSubtreeTrusted: boolean;
  /** Returns the outermost mounts. */
  mounts(): Promise<readonly ResourcePath[]>;
  /**
   * Asks for the root's marker alone if that may prove the whole space unchanged, or if it is wanted anyway; otherwise
   * null.
   */
  askRoot(signal: AbortSignal, isWanted: boolean): Promise<AskedRoot | null>;
  /** Returns the collections to visit below a complete listing: its children except those proven unchanged. */
  toVisit(listing: Listing, known: KnownCollection): Promise<readonly ResourcePath[]>;
}

export interface AskedRoot {
  readonly probe: Probe;
  readonly isUnchanged: boolean;
  /** It is as it was when a search last agreed with the index. */
  readonly isSearched: boolean;
  /** The mounts, which are visited also if it is unchanged. */
  readonly mounts: readonly ResourcePath[];
}

export function createPruner(deps: {
  readonly claimed: ClaimedSync;
  readonly store: Pick<RemoteStore, 'probe'>;
  readonly index: Pick<KnownContent, 'known' | 'mountsBelow' | 'subtree'>;
  readonly mounts: Mounts;
}): Pruner {
  const { claimed, store, index, mounts } = deps;
  const { evidence, sync } = claimed;
  const isIncremental = sync.mode === 'incremental';
  /** Each sync asks anew: a proxy may have removed the properties that made the space a candidate. */
  let mayPropagate: boolean | null = null;

  const isSubtreeTrusted = isIncremental && (evidence.subtree === 'seen' || claimed.isSubtreeBelieved);
  const trust = (): Trust => {
    if (!isIncremental) return 'nothing';
    if (isSubtreeTrusted && mayPropagate === true) return 'subtree';
    return evidence.names === 'seen' ? 'names' : 'nothing';
  };
  /** What an administrator keeps stays so until the storage has shown each of its images: no marker does that. */
  const isKept = async (collection: ResourcePath) =>
    claimed.isRemovalRefused && (await index.subtree(claimed.lease, collection)).agreed > 0;
  const mountsBelow = async (collection: ResourcePath) => {
    const found = outermost(await index.mountsBelow(sync.spaceId, collection));
    for (const mount of found) mounts.add(mount);
    return found;
  };

  return {
    isSubtreeTrusted,
    mounts: () => mountsBelow(ROOT),

    async askRoot(signal, isWanted) {
      const mayBelieve = isSubtreeTrusted && !(await isKept(ROOT));
      const root = mayBelieve ? await index.known(sync.spaceId, ROOT) : null;
      const proven = root?.isProven === true ? root.marker : null;
      const searched = mayBelieve ? claimed.search.searchedMarker : null;
      if (root?.isProven !== true && searched === null && !isWanted) return null;
      const probe = await store.probe(ROOT, signal);
      const isPresent = probe.presence === 'present' && probe.mayPropagate;
      const isProven = isPresent && root?.isProven === true && probe.marker === proven;
      const isSearched = isPresent && searched !== null && probe.marker === searched;
      const isUnchanged = isProven || isSearched;
      return { probe, isUnchanged, isSearched, mounts: isUnchanged || isWanted ? await mountsBelow(ROOT) : [] };
    },

    async toVisit(listing, known) {
      const { collection, collections } = listing;
      mayPropagate ??= listing.mayPropagate;
      if (listing.isMount && !mounts.hold(collection)) mounts.add(collection);
      const level = mounts.hold(collection) ? 'nothing' : trust();
      for (const child of collections) {
        if (!child.isMount) mounts.end(child.path);
        else if (!mounts.holdOn(child.path)) mounts.add(child.path);
      }
      if (level === 'nothing') return collections.map(({ path }) => path);

      const knownByPath = new Map(known.children.map((child) => [child.path, child]));
      const toVisit: ResourcePath[] = [];
      for (const child of collections) {
        const unchanged = child.isMount ? 'nothing' : provenUnchanged(knownByPath.get(child.path), child, level);
        if (unchanged === 'nothing' || (await isKept(child.path))) toVisit.push(child.path);
        else if (unchanged === 'subtree') toVisit.push(...(await mountsBelow(child.path)));
      }
      return toVisit;
    },
  };
}

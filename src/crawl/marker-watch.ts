import type { Listing } from '../domain/listing.js';
import type { MarkerEvidence, MarkerFindings } from '../domain/markers.js';
import { parentOf, type ResourcePath, ROOT } from '../domain/path.js';
import type { RemoteStore } from '../domain/ports.js';
import type { CollectionChanges, KnownCollection } from '../domain/reconcile.js';
import type { Mounts } from './mounts.js';

/** Watches whether markers move with the changes of a sync: what they prove is learned from that. */
export interface MarkerWatch {
  /** A complete listing and what it changed. A collection comes before those below it. */
  observe(listing: Listing, known: KnownCollection, changes: CollectionChanges): void;
  /** At the end of the walk; markers that seem to have stood still are looked at once more. */
  conclude(signal: AbortSignal): Promise<{ readonly findings: MarkerFindings; readonly requests: number }>;
}

/** A collection that may show the changes below it, as this sync met it. */
interface Ancestor {
  /** The marker under which all below it was known, or null. */
  readonly before: string | null;
  readonly now: string | null;
  /** It may have moved for its own names alone. */
  readonly haveNamesChanged: boolean;
}

/** A marker that stood still though it should have shown changes. */
interface Suspect {
  readonly collection: ResourcePath;
  readonly marker: string;
  readonly level: 'names' | 'subtree';
  changes: number;
}

/** One liar is enough to know; a storage that is being changed all the time may bring up many honest ones. */
const MAX_SECOND_LOOKS = 10;

/** `evidence` is what is known already: what is refuted for good is watched no more. */
export function createMarkerWatch(deps: {
  readonly store: Pick<RemoteStore, 'probe'>;
  readonly mounts: Mounts;
  readonly evidence: MarkerEvidence;
}): MarkerWatch {
  const { store, mounts, evidence } = deps;
  const ancestors = new Map<ResourcePath, Ancestor>();
  const suspects = new Map<string, Suspect>();
  const moved: { names: 'moved' | null; subtree: 'moved' | null } = { names: null, subtree: null };

  const suspect = (collection: ResourcePath, marker: string, level: Suspect['level']) => {
    const key = `${level} ${collection}`;
    const before = suspects.get(key);
    if (before === undefined) suspects.set(key, { collection, marker, level, changes: 1 });
    else before.changes += 1;
  };

  /** Whether every collection above one that has changed shows it; not told apart from its own names where these changed. */
  const observeAbove = (collection: ResourcePath) => {
    let isShownByAll = collection !== ROOT;
    for (let at = collection; at !== ROOT; ) {
      at = parentOf(at);
      const ancestor = ancestors.get(at);
      if (ancestor === undefined || ancestor.before === null) return;
      if (ancestor.before === ancestor.now) return suspect(at, ancestor.before, 'subtree');
      isShownByAll &&= !ancestor.haveNamesChanged;
    }
    if (isShownByAll) moved.subtree = 'moved';
  };

  return {
    observe({ collection, marker, mayPropagate }, known, changes) {
      if (mounts.hold(collection) || evidence.names === 'refuted') return;
      const haveNamesChanged = namesChanged(known, changes);
      const mayStandForSubtrees = mayPropagate && evidence.subtree !== 'refuted';
      if (mayStandForSubtrees && changes.collections.length > 0) {
        ancestors.set(collection, { before: known.isProven ? known.marker : null, now: marker, haveNamesChanged });
      }
      if (haveNamesChanged && known.isSettled && known.marker !== null && marker !== null) {
        if (marker === known.marker) suspect(collection, marker, 'names');
        else moved.names = 'moved';
      }
      if (!mayStandForSubtrees || !(haveNamesChanged || changes.altered.length > 0)) return;
      if (known.isProven && marker !== null && known.marker === marker) suspect(collection, marker, 'subtree');
      else observeAbove(collection);
    },

    async conclude(signal) {
      let requests = 0;
      for (const { collection, marker, level } of [...suspects.values()].slice(0, MAX_SECOND_LOOKS)) {
        const probe = await store.probe(collection, signal);
        requests += probe.requests;
        // One that has moved by now was read just before a change that the walk came upon later.
        if (probe.presence !== 'present' || probe.marker !== marker) continue;
        const mismatches = [...suspects.values()].reduce((sum, { changes }) => sum + changes, 0);
        return { findings: { ...moved, [level]: 'stood', mismatches }, requests };
      }
      return { findings: { ...moved, mismatches: 0 }, requests };
    },
  };
}

function namesChanged(known: KnownCollection, changes: CollectionChanges): boolean {
  if (changes.appeared.length + changes.disappeared.length + changes.vanished.length > 0) return true;
  const isKnown = new Set(known.children.map(({ path }) => path));
  return changes.collections.some(({ path }) => !isKnown.has(path));
}

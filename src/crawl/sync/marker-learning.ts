import type { Listing } from '../../domain/model/listing.js';
import { type MarkerEvidence, type MarkerFindings, provenUnchanged } from '../../domain/model/markers.js';
import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Sleep } from '../../domain/ports/clock.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { KnownCollection } from '../../domain/reconcile/known-collection.js';
import type { CollectionChanges } from '../../domain/reconcile/reconcile.js';
import type { Mounts } from './mounts.js';

/** Watches whether markers move with the changes of a sync, to learn what they prove. */
export interface MarkerWatch {
  /**
   * Takes in a complete listing, its changes, and which children were proven gone. A collection comes before those
   * below it.
   */
  observe(listing: Listing, known: KnownCollection, changes: CollectionChanges, absent: readonly ResourcePath[]): void;
  /**
   * The same at the end of the walk, for a sync that lists collections before those above them; `known` is what was
   * known before all of these.
   */
  observeLast: MarkerWatch['observe'];
  /** Ends the watch after the walk; markers that seem to have stood still are read once more, some seconds later. */
  conclude(signal: AbortSignal): Promise<{ readonly findings: MarkerFindings; readonly requests: number }>;
}

/** A collection whose marker may show changes below it, as this sync found it. */
interface Ancestor {
  /** Whether its marker differs from that of its last listing. */
  readonly hasMoved: boolean;
  readonly mayPropagate: boolean;
  /** The marker under which everything below it was known, or null. */
  readonly before: string | null;
  readonly now: string | null;
  /** Whether it may have moved only because its own names changed. */
  readonly haveNamesChanged: boolean;
}

/** A marker that stood still although it should have shown changes. */
interface Suspect {
  readonly collection: ResourcePath;
  readonly marker: string;
  readonly level: 'names' | 'subtree';
  /** Whether only the listing of its parent shows it so: that is what pruning goes by. */
  readonly isOfParent: boolean;
  changes: number;
}

/** One wrong marker is proof enough; a storage under constant change may yield many suspects that are right. */
const MAX_SECOND_LOOKS = 10;
/** For 5 s after a request, Tomcat still reports a folder's old date, but not its old names; twice that. */
const SECOND_LOOK_AFTER_MS = 10_000;

/**
 * Creates the watch; `evidence` is what is already known. Only full syncs still watch what is refuted, since only they
 * can regain it.
 */
export function createMarkerWatch(deps: {
  readonly store: Pick<RemoteStore, 'probe' | 'list'>;
  readonly mounts: Mounts;
  readonly evidence: MarkerEvidence;
  readonly isFull: boolean;
  readonly sleep: Sleep;
}): MarkerWatch {
  const { store, mounts, evidence, isFull, sleep } = deps;
  const isWatched = (level: Suspect['level']) => isFull || evidence[level] !== 'refuted';
  const ancestors = new Map<ResourcePath, Ancestor>();
  const suspects = new Map<string, Suspect>();
  /** Collections that a full sync is about to list, and that their parent shows as they were: pruning would have skipped them. */
  const shownAsBefore = new Set<ResourcePath>();
  const last: Parameters<MarkerWatch['observe']>[] = [];
  const moved: { names: 'moved' | null; subtree: 'moved' | null } = { names: null, subtree: null };

  const suspect = (collection: ResourcePath, marker: string, level: Suspect['level'], isOfParent = false) => {
    const key = `${level} ${collection}`;
    const before = suspects.get(key);
    if (before === undefined) suspects.set(key, { collection, marker, level, isOfParent, changes: 1 });
    else before.changes += 1;
  };
  const noteShown = ({ collections }: CollectionChanges, { children }: KnownCollection) => {
    if (!isFull || children.length === 0) return;
    const before = new Map(children.map((child) => [child.path, child]));
    for (const child of collections) {
      if (provenUnchanged(before.get(child.path), child, 'subtree') !== 'nothing') shownAsBefore.add(child.path);
    }
  };

  /**
   * Notes whether all collections above a changed one show the change; if their own names changed, the two can't be
   * told apart.
   */
  const observeAbove = (collection: ResourcePath) => {
    let isShownByAll = collection !== ROOT;
    for (let at = collection; at !== ROOT; ) {
      at = parentOf(at);
      const ancestor = ancestors.get(at);
      if (ancestor === undefined || !ancestor.mayPropagate || ancestor.before === null) return;
      if (ancestor.before === ancestor.now) return suspect(at, ancestor.before, 'subtree');
      isShownByAll &&= !ancestor.haveNamesChanged;
    }
    if (isShownByAll) moved.subtree = 'moved';
  };

  /**
   * Whether this may be another folder: one swapped or replaced brings its date along, which moves the parent's marker.
   * A parent's marker that shows every change below it says nothing about this.
   */
  const mayBeAnother = (collection: ResourcePath) => {
    if (collection === ROOT) return false;
    const parent = ancestors.get(parentOf(collection));
    return parent === undefined || (parent.hasMoved && !parent.mayPropagate);
  };

  /** Reads markers once more, where they were read: `stands` tells if a suspect's is still as it was. */
  const lookAgain = (signal: AbortSignal) => {
    const parents = new Map<ResourcePath, Listing>();
    let requests = 0;
    return {
      requests: () => requests,
      async stands({ collection, marker, isOfParent }: Suspect) {
        if (!isOfParent) {
          const probe = await store.probe(collection, signal);
          requests += probe.requests;
          return probe.presence === 'present' && probe.marker === marker;
        }
        const parent = parentOf(collection);
        const known = parents.get(parent);
        const listing = known ?? (await store.list(parent, signal));
        if (known === undefined) requests += listing.requests;
        parents.set(parent, listing);
        return listing.collections.some((child) => child.path === collection && child.marker === marker);
      },
    };
  };

  const watch: MarkerWatch = {
    observe({ collection, marker, mayPropagate }, known, changes, absent) {
      const isShownAsBefore = shownAsBefore.delete(collection);
      if (mounts.hold(collection) || !isWatched('names')) return;
      noteShown(changes, known);
      const haveNamesChanged = namesChanged(known, changes, absent);
      if (changes.collections.length > 0) {
        const before = known.isProven ? known.marker : null;
        ancestors.set(collection, {
          hasMoved: known.marker !== marker,
          mayPropagate,
          before,
          now: marker,
          haveNamesChanged,
        });
      }
      if (haveNamesChanged && known.isSettled && known.marker !== null && marker !== null) {
        const hasMoved = marker !== known.marker;
        if (hasMoved) moved.names = 'moved';
        if ((!hasMoved || isShownAsBefore) && !mayBeAnother(collection))
          suspect(collection, known.marker, 'names', hasMoved);
      }
      if (!mayPropagate || !isWatched('subtree') || !(haveNamesChanged || changes.altered.length > 0)) return;
      if (known.isProven && marker !== null && known.marker === marker) suspect(collection, marker, 'subtree');
      else observeAbove(collection);
    },

    observeLast: (...seen) => void last.push(seen),

    async conclude(signal) {
      last.sort(([a], [b]) => depthOf(a.collection) - depthOf(b.collection));
      for (const seen of last) watch.observe(...seen);
      const again = lookAgain(signal);
      if (suspects.size > 0) await sleep(SECOND_LOOK_AFTER_MS, signal);
      for (const each of [...suspects.values()].slice(0, MAX_SECOND_LOOKS)) {
        // A marker that has moved by now was read just before a change that the walk met later.
        if (!(await again.stands(each))) continue;
        const mismatches = [...suspects.values()].reduce((sum, { changes }) => sum + changes, 0);
        return { findings: { ...moved, [each.level]: 'stood', mismatches }, requests: again.requests() };
      }
      return { findings: { ...moved, mismatches: 0 }, requests: again.requests() };
    },
  };
  return watch;
}

function depthOf(collection: ResourcePath): number {
  return collection === ROOT ? 0 : collection.split('/').length;
}

/**
 * Whether names changed that must have moved a marker since the last listing: only new ones and those proven gone, and
 * only in the first sync that finds them so.
 */
function namesChanged(known: KnownCollection, changes: CollectionChanges, absent: readonly ResourcePath[]): boolean {
  if (changes.newImages > 0 || changes.disappeared.some(({ absentInSync }) => absentInSync === null)) return true;
  const childAt = new Map(known.children.map((child) => [child.path, child]));
  if (absent.some((path) => childAt.get(path)?.absentInSync === null)) return true;
  return changes.collections.some(({ path }) => !childAt.has(path));
}

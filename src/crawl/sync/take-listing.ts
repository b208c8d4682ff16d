import type { Listing } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { CollectionCommit, ImageIndex } from '../../domain/ports/image-index.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';
import { startComparison } from '../../domain/reconcile/compare-images.js';
import { type KnownCollection, unseenCollection } from '../../domain/reconcile/known-collection.js';
import { readKnownPages } from '../../domain/reconcile/known-images.js';
import { type CollectionChanges, isChange, type ReconcilingSync, reconcile } from '../../domain/reconcile/reconcile.js';
import { isUnmarkedEmptyRoot, UNMARKED_ROOT_MESSAGE } from '../../domain/reconcile/unmarked-root.js';
import type { Searching } from '../search/searching.js';
import type { CommitBuffer } from './commit-buffer.js';
import type { Corroborate } from './corroborate.js';
import type { MarkerWatch } from './marker-learning.js';
import type { Mounts } from './mounts.js';
import type { Passage } from './passage.js';
import type { Removals } from './pending-removals.js';
import type { Proofs } from './proven-subtrees.js';
import type { Pruner } from './pruner.js';
import type { Reach } from './reach.js';
import type { Referrals } from './referrals.js';
import type { RunNotes } from './run-notes.js';
import type { RunPhase } from './run-phase.js';

/** Takes in a complete listing and returns the collections to visit below it; `isRenewed`: it is listed once more. */
export type TakeListing = (listing: Listing, isRenewed: boolean) => Promise<readonly ResourcePath[]>;

/** Reconciles listings with the index: what only adds is committed at once, removals wait for the end. */
export function createTaking(deps: {
  readonly claimed: ClaimedSync;
  readonly index: Pick<ImageIndex, 'known' | 'knownImages' | 'distrust' | 'outdate'>;
  readonly reconciling: ReconcilingSync;
  readonly corroborate: Corroborate;
  readonly pruner: Pick<Pruner, 'toVisit'>;
  readonly searching: Pick<
    Searching,
    'isNarrow' | 'isFirst' | 'isLearning' | 'knownBefore' | 'noteUnsettled' | 'noteChange'
  >;
  readonly mounts: Pick<Mounts, 'hold' | 'holdOn'>;
  readonly watch: Pick<MarkerWatch, 'observe' | 'observeLast'>;
  readonly passage: Pick<Passage, 'isPassed'>;
  readonly removals: Pick<Removals, 'take' | 'has'>;
  readonly referrals: Pick<Referrals, 'whyOf' | 'close'>;
  readonly buffer: CommitBuffer;
  readonly proofs: Proofs;
  readonly notes: RunNotes;
  readonly phase: Pick<RunPhase, 'halt'>;
  readonly reach: Reach;
}): TakeListing {
  const { claimed, index, reconciling, corroborate, pruner, searching, mounts, watch, passage, removals } = deps;
  const { referrals, buffer, proofs, notes, phase, reach } = deps;
  const { sync, lease } = claimed;

  /**
   * Collections that the listing of their parent has shown for the first time, and that are still to be visited. Nothing
   * is known of them, so a first crawl need not ask the index: that was a twentieth of its processor time.
   */
  const discovered = new Set<ResourcePath>();
  /** Collections to which a second listing of their parent leads: the first may have done so, too. */
  const maybeListed = new Set<ResourcePath>();
  const recall = async (collection: ResourcePath, isRevisit: boolean) =>
    discovered.delete(collection) && !isRevisit
      ? unseenCollection(collection)
      : await index.known(sync.spaceId, collection);
  const discover = ({ collections }: Listing, { children }: KnownCollection, { vanished }: CollectionChanges) => {
    // One that was renamed comes with all that is known of it. Of the targets of a hint or a search, some lie below
    // others.
    if (reconciling.isHint || searching.isNarrow() || vanished.length > 0) return;
    const before = new Set(children.map(({ path }) => path));
    for (const { path } of collections) if (!before.has(path)) discovered.add(path);
  };

  /** Compares images page by page, as a collection may hold very many. */
  const compare = async ({ collection, images, askedAt }: Listing, { holdsImages }: KnownCollection) => {
    const comparison = startComparison(images, askedAt);
    if (!holdsImages) return comparison.end();
    await readKnownPages((after) => index.knownImages(sync.spaceId, collection, after), comparison.add);
    return comparison.end();
  };

  /** Returns the collections that are not too deep; if `known` is given, only the new ones. */
  const reachable = (collections: readonly ResourcePath[], known: KnownCollection | null) => {
    const before = new Set(known?.children.map(({ path }) => path));
    return collections.filter((collection) => {
      const isTooDeep = !reach.has(collection);
      if (isTooDeep) notes.warn(collection, reach.message);
      return !isTooDeep && !before.has(collection);
    });
  };

  /** Warns of collections that weren't found but are still listed: they stay as they were. */
  const tellContradicted = async ({ collections }: Listing, toVisit: readonly ResourcePath[]) => {
    for (const { path } of collections) {
      const why = referrals.whyOf(path);
      if (why === null || toVisit.includes(path)) continue;
      referrals.close(path);
      notes.warn(path, why);
      await index.distrust(lease, path);
    }
  };

  const observe: MarkerWatch['observe'] = (listing, known, changes, absent) => {
    if (!searching.isLearning()) return watch.observe(listing, known, changes, absent);
    const before = searching.knownBefore(listing.collection);
    // What such a sync happens to list besides is new, and has no marker to compare with.
    if (before !== undefined) watch.observeLast(listing, before, changes, absent);
  };

  return async (listing, isRenewed) => {
    const { collection } = listing;
    const isRevisit = isRenewed || maybeListed.has(collection);
    notes.count({ collections: 1, images: listing.images.length });
    if (collection === ROOT && claimed.shownImages === 0 && isUnmarkedEmptyRoot(listing)) {
      phase.halt(`the storage ${UNMARKED_ROOT_MESSAGE}`);
      return [];
    }
    // The results of an earlier visit of this collection must be known before this one is compared with them.
    if (isRevisit) await buffer.flush();

    const known = await recall(collection, isRevisit);
    const changes = reconcile(listing, known, await compare(listing, known), reconciling);
    if (changes === null) return [];
    discover(listing, known, changes);
    const planned = await pruner.toVisit(listing, known);
    const { absent, present, unproven, doubt, left, requests } = await corroborate(listing, known, changes);
    notes.count({ requests });
    for (const { collection: child, message } of left) {
      if (message === null) notes.leave(child);
      else notes.warn(child, message);
    }
    if (!doubt.isHeld) observe(listing, known, changes, absent);

    const isAgain = known.listedInSync === sync.id || removals.has(collection) || passage.isPassed(collection);
    const isNarrow = searching.isNarrow() && !mounts.hold(collection);
    const isOnlyNew = reconciling.isHint || isAgain || isNarrow;
    const within = reachable([...planned, ...present], isOnlyNew ? known : null);
    const isEnd = within.length > 0 && reach.isSpent(notes.counts.collections);
    if (isEnd) notes.warn(collection, reach.spentMessage);
    const toVisit = isEnd ? [] : within;
    if (isAgain) for (const path of toVisit) maybeListed.add(path);
    await tellContradicted(listing, toVisit);
    // Below a collection that is listed again, everything may still be ahead of the walk; after a narrow sync that was
    // interrupted, it is ahead of the one that resumes it.
    const isAll = isAgain || isNarrow || toVisit.length === listing.collections.length + present.length;
    const toResume = isAll ? null : toVisit;
    // The markers above it, which this sync doesn't list, are older than what is committed now. A share that ends gives
    // the folders above it the very markers back that they had before, which would prove a space unchanged that isn't.
    const isAboveUnseen = (reconciling.isHint || isNarrow) && !mounts.holdOn(collection);
    if (isAboveUnseen && isChange(changes)) {
      await index.outdate(lease, collection);
      searching.noteChange();
    }
    const commit: CollectionCommit = { changes, absent, unproven, present, removals: 'apply', toVisit: toResume };
    if (!removals.take(commit, doubt)) await buffer.add(commit);
    if (isNarrow && searching.isFirst(collection)) await buffer.flush();
    // What was held with a child that is back is no longer marked as absent, and must not be compared as if it were; an
    // administrator's acceptance is of what was marked.
    if (!reconciling.isAccepted && isAnyBack(known, listing, present)) await buffer.flush();
    // Nothing below a collection listed again was, nor in a narrow sync, so its new marker says nothing about that.
    const isLess = isAgain || (isNarrow && listing.collections.length > 0);
    if (listing.mayPropagate && changes.isSettled && present.length === 0 && !isLess) proofs.note(collection);
    else proofs.spoil(collection);
    if (isNarrow && !changes.isSettled) searching.noteUnsettled();
    return toVisit;
  };
}

/** Whether a child that an earlier listing missed exists after all. */
function isAnyBack({ children }: KnownCollection, { collections }: Listing, present: readonly ResourcePath[]): boolean {
  const missed = children.filter(({ absentInSync }) => absentInSync !== null);
  if (missed.length === 0) return false;
  const found = new Set([...collections.map(({ path }) => path), ...present]);
  return missed.some(({ path }) => found.has(path));
}

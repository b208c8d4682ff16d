import { isSaidToBeGone, type Listing } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { ImageIndex } from '../../domain/ports/image-index.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import { contradictionOf } from '../../domain/reconcile/emptying.js';
import type { KnownCollection } from '../../domain/reconcile/known-collection.js';
import { isOfHold } from '../../domain/reconcile/loss.js';
import type { CollectionChanges, ReconcilingSync } from '../../domain/reconcile/reconcile.js';
import { isUnmarkedEmptyRoot, UNMARKED_ROOT_MESSAGE } from '../../domain/reconcile/unmarked-root.js';
import type { RemovalDoubt } from './pending-removals.js';
import { probeVanished } from './probe-vanished.js';
import type { Referrals } from './referrals.js';

/** Findings about the removals of a listing beyond what it shows itself. */
export interface Corroboration {
  /** As in `CollectionCommit`, like `present` and `unproven`. */
  readonly absent: readonly ResourcePath[];
  readonly present: readonly ResourcePath[];
  readonly unproven: readonly ResourcePath[];
  readonly doubt: RemovalDoubt;
  /** What stays as it was, and why; `message` is null if `doubt` tells. */
  readonly left: readonly { readonly collection: ResourcePath; readonly message: string | null }[];
  readonly requests: number;
}

export type Corroborate = (
  listing: Listing,
  known: KnownCollection,
  changes: CollectionChanges,
) => Promise<Corroboration>;

const UNTIL_PROVEN = 'until a later full sync agrees or an administrator accepts its removal';

/** Asks the storage about what vanished, unless the listing itself contradicts the loss. */
export function createCorroboration(deps: {
  readonly store: Pick<RemoteStore, 'probe'>;
  readonly index: Pick<ImageIndex, 'subtree' | 'rename'>;
  readonly lease: Lease;
  readonly referrals: Pick<Referrals, 'whyOf'>;
  readonly sync: ReconcilingSync;
  readonly signal: AbortSignal;
}): Corroborate {
  const { store, index, lease, referrals, sync, signal } = deps;
  /** Collections that this sync has found gone. */
  const gone = new Set<ResourcePath>();
  const hasSaidGone = (collection: ResourcePath) => gone.has(collection) || referrals.whyOf(collection) !== null;
  const probing = { store, sync, hasSaidGone, signal };

  /**
   * Whether an image would be lost: if none would, there is nothing to hold. A folder of the name of one that is held is
   * another one, which shows nothing of what that contained.
   */
  const isAtStake = async (known: KnownCollection, { disappeared, doubted, vanished, isHeldOn }: CollectionChanges) => {
    if (disappeared.length + doubted.length > 0) return true;
    const replaced = isHeldOn ? known.children.filter((child) => isOfHold(known, child)) : [];
    for (const { path } of [...vanished.map(({ child }) => child), ...replaced]) {
      if ((await index.subtree(lease, path)).images > 0) return true;
    }
    return false;
  };

  return async (listing, known, changes) => {
    const { collection, emptying, vanished, doubted } = changes;
    if ((emptying === 'unsure' || emptying === 'contradicted') && (await isAtStake(known, changes))) {
      return {
        absent: vanished.map(({ child }) => child.path),
        present: [],
        unproven: [],
        doubt: {
          reasons: [`/${collection}: ${whyHeld(listing, known, changes.isPartlyLeft, emptying)}`],
          isHeld: true,
          isFirstLook: true,
        },
        left: [{ collection, message: null }, ...unlisted(listing, known, changes)],
        requests: 0,
      };
    }
    for (const { path } of listing.collections) gone.delete(path);
    const rejudged = vanished.filter(({ isRejudged }) => isRejudged).map(({ child }) => child.path);
    const toAsk = vanished.filter(({ isRejudged }) => !isRejudged);
    const asked = await probeVanished(toAsk, probing);
    const { absent, renamed, present, unproven, unknown, requests } = asked;
    for (const path of absent) gone.add(path);
    for (const path of present) gone.delete(path);
    const replaced: ResourcePath[] = [];
    // What is held, guarded or in doubt below it remains so.
    for (const { from, to } of renamed) if (!(await index.rename(lease, from, to))) replaced.push(from);
    const reasons = unproven.map(
      (child) =>
        `/${child.collection}: not listed by its parent, but not proven to be gone either, and stays ${UNTIL_PROVEN}: ${child.detail}`,
    );
    if (doubted.length > 0 && listing.misfits.length > 0) {
      reasons.push(
        `/${collection}: images that may be those without a usable name stay ${UNTIL_PROVEN} (${doubted.length})`,
      );
    } else if (doubted.length + rejudged.length > 0) {
      reasons.push(
        `/${collection}: part of what was held is back; the rest stays until the next sync agrees or an administrator accepts its removal`,
      );
    }
    return {
      absent: [...absent, ...replaced],
      present,
      unproven: [...rejudged, ...unproven.map((child) => child.collection)],
      doubt: { reasons, isHeld: false, isFirstLook: known.isContradicted && emptying === null },
      left: [
        ...unlisted(listing, known, changes),
        ...rejudged.map((child) => ({ collection: child, message: null })),
        ...unproven.map((child) => ({ collection: child.collection, message: null })),
        ...unknown.map((child) => ({
          collection: child.collection,
          message: `not listed by its parent, but not proven to be gone either: ${child.detail}`,
        })),
      ],
      requests,
    };
  };
}

/** Returns the members of which the listing says at most that they exist. */
function unlisted(
  { collection, guarded, misfits, images }: Listing,
  known: KnownCollection,
  changes: CollectionChanges,
): Corroboration['left'] {
  const isGone = guarded.some(isSaidToBeGone);
  const held = isGone ? [...changes.guarded, ...[...known.children, ...images].map(({ path }) => path)] : [];
  const isKnown = new Set(held);
  return [
    ...guarded
      // A member that was never more than a name, and does not exist by its own entry, is not missed.
      .filter((member) => !isSaidToBeGone(member) || isKnown.has(member.path))
      .map(({ path, status, why }) => {
        const told = status === null ? 'without anything that tells what it is' : `with status ${status}`;
        return { collection: path, message: why ?? `is listed ${told}` };
      }),
    ...misfits.map((message) => ({ collection, message })),
  ];
}

/** Says why the contents of an emptied collection are held, and until when. */
function whyHeld(
  listing: Listing,
  known: KnownCollection,
  isPartly: boolean,
  emptying: 'unsure' | 'contradicted',
): string {
  if (emptying === 'unsure') {
    return 'nothing is left of what it held; that stays until the next sync agrees or an administrator accepts its removal';
  }
  const { modifiedAt, memberCount } = listing;
  const isRoot = listing.collection === ROOT;
  const why =
    isRoot && isUnmarkedEmptyRoot(listing)
      ? UNMARKED_ROOT_MESSAGE
      : contradictionOf(known, { modifiedAt, isRoot, hasMembers: memberCount > 0, isPartly });
  return `${why}; what it held stays until it is back or an administrator accepts its removal`;
}

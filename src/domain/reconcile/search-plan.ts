import type { ImageResource } from '../model/image.js';
import { isWithin, parentOf, type ResourcePath, ROOT } from '../model/path.js';
import type { ShownImage } from '../model/shown-image.js';
import { isAltered } from './compare-images.js';

/** Where a search and the index differ, in collections. */
export interface SearchDifferences {
  /** Those with an image that is new, has changed, or may still be written to. */
  readonly differing: ReadonlySet<ResourcePath>;
  /** Those with a shown image that the search doesn't show. */
  readonly missing: ReadonlySet<ResourcePath>;
  /** These images, as far as they can be looked at. */
  readonly missingImages: ReadonlySet<ResourcePath>;
  /** Those at or below which the search shows an image. */
  readonly alive: ReadonlySet<ResourcePath>;
}

/** A single image that is there after all says enough of the search. */
const MOST_IMAGES = 1_000;

/** Compares the shown images, page by page, with those that a search found. */
export interface SearchComparison {
  add(shown: readonly ShownImage[]): void;
  end(): SearchDifferences;
}

export function startSearchComparison(found: readonly ImageResource[]): SearchComparison {
  const foundAt = new Map(found.map((image) => [image.path, image]));
  const alive = new Set<ResourcePath>();
  for (const path of foundAt.keys()) {
    for (let at = parentOf(path); !alive.has(at); at = parentOf(at)) alive.add(at);
  }
  const differing = new Set<ResourcePath>();
  const missing = new Set<ResourcePath>();
  const missingImages = new Set<ResourcePath>();
  return {
    add(shown) {
      for (const before of shown) {
        const image = foundAt.get(before.path);
        foundAt.delete(before.path);
        if (image === undefined) {
          missing.add(parentOf(before.path));
          if (missingImages.size < MOST_IMAGES) missingImages.add(before.path);
        } else if (!before.isSettled || isAltered(before, image)) differing.add(parentOf(before.path));
      }
    },
    end() {
      for (const path of foundAt.keys()) differing.add(parentOf(path));
      return { differing, missing, missingImages, alive };
    },
  };
}

/** Where a sync goes that lists only what differs: first to some collections, then from each to others below it. */
export interface SearchRoute {
  readonly first: readonly ResourcePath[];
  /** Where it goes on once a collection was listed; if that is gone, so is everything below it. */
  readonly after: ReadonlyMap<ResourcePath, readonly ResourcePath[]>;
}

/** As many collections as a hint may name: listing more one by one costs about as much as a walk, which proves more. */
const MOST_COLLECTIONS = 100;

/**
 * Returns the way to all collections in which a search and the index differ; null if a walk is better. If `isLearning`,
 * it leads through all collections above them, so that their markers can be seen to move. Nothing is gone because a
 * search doesn't show it: only a listing of its collection says so. If nothing differs although `hasRootMoved`, since the
 * root was last listed or searched, it leads to the root: a mount that is new shows there before any search knows it.
 */
export function searchRoute(
  { differing, missing, alive }: Omit<SearchDifferences, 'missingImages'>,
  { isLearning, hasRootMoved }: { readonly isLearning: boolean; readonly hasRootMoved: boolean },
): SearchRoute | null {
  const targets = new Set([...differing, ...missing]);
  if (targets.size > MOST_COLLECTIONS) return null;
  if (targets.size === 0) return { first: hasRootMoved ? [ROOT] : [], after: new Map() };
  return isLearning ? routeFromRoot(targets) : shortestRoute(targets, alive);
}

function routeFromRoot(targets: ReadonlySet<ResourcePath>): SearchRoute {
  const after = new Map<ResourcePath, ResourcePath[]>();
  const seen = new Set<ResourcePath>([ROOT]);
  for (const target of targets) {
    for (let at = target; !seen.has(at); at = parentOf(at)) {
      seen.add(at);
      after.set(parentOf(at), [...(after.get(parentOf(at)) ?? []), at]);
    }
  }
  return { first: [ROOT], after };
}

function shortestRoute(targets: ReadonlySet<ResourcePath>, alive: ReadonlySet<ResourcePath>): SearchRoute {
  const groups = new Map<ResourcePath, ResourcePath[]>();
  for (const target of targets) {
    const top = outermostLifeless(target, alive);
    groups.set(top, [...(groups.get(top) ?? []), target]);
  }
  const first: ResourcePath[] = [];
  const after = new Map<ResourcePath, readonly ResourcePath[]>();
  for (const [top, group] of groups) {
    const [only] = group;
    if (group.length === 1 && only !== undefined) first.push(only);
    else {
      // All of them may have gone with the folder above them, which one request tells.
      first.push(top);
      after.set(
        top,
        group.filter((target) => target !== top),
      );
    }
  }
  return { first, after };
}

/** Returns the topmost collection at or above `target` below which the search shows nothing; `target` if it shows something. */
function outermostLifeless(target: ResourcePath, alive: ReadonlySet<ResourcePath>): ResourcePath {
  let top = target;
  for (let at = target; at !== ROOT && !alive.has(at); at = parentOf(at)) top = at;
  return top;
}

/** Returns those of `next` to which one of the listed collections still leads. */
export function stillThere(
  next: readonly ResourcePath[],
  listed: readonly { readonly path: ResourcePath }[],
): readonly ResourcePath[] {
  return next.filter((path) => listed.some((child) => isWithin(path, child.path)));
}

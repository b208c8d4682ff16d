import type { ImageResource } from '../model/image.js';
import { isWithin, parentOf, type ResourcePath, ROOT } from '../model/path.js';
import type { ShownImage } from '../model/shown-image.js';
import { isAltered } from './compare-images.js';

/** Where a search and the index differ, in collections. */
export interface SearchDifferences {
  /** Those with an image that is new or has changed. */
  readonly fresh: ReadonlySet<ResourcePath>;
  /** Those with an image that may still be written to, though it is shown as it was. */
  readonly unsettled: ReadonlySet<ResourcePath>;
  /** Those with a shown image that the search doesn't show, or above such an image if the configuration excludes it. */
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

/** `isExcluded`: whether the configuration excludes a path; the search shows nothing of that. */
export function startSearchComparison(
  found: readonly ImageResource[],
  isExcluded: (path: ResourcePath) => boolean,
): SearchComparison {
  const foundAt = new Map(found.map((image) => [image.path, image]));
  const alive = new Set<ResourcePath>();
  for (const path of foundAt.keys()) {
    for (let at = parentOf(path); !alive.has(at); at = parentOf(at)) alive.add(at);
  }
  const fresh = new Set<ResourcePath>();
  const unsettled = new Set<ResourcePath>();
  const missing = new Set<ResourcePath>();
  const missingImages = new Set<ResourcePath>();
  return {
    add(shown) {
      for (const before of shown) {
        const image = foundAt.get(before.path);
        foundAt.delete(before.path);
        if (image === undefined) {
          missing.add(witnessOf(before.path, isExcluded));
          if (missingImages.size < MOST_IMAGES) missingImages.add(before.path);
        } else if (isAltered(before, image)) fresh.add(parentOf(before.path));
        else if (!before.isSettled) unsettled.add(parentOf(before.path));
      }
    },
    end() {
      for (const path of foundAt.keys()) fresh.add(parentOf(path));
      return { fresh, unsettled, missing, missingImages, alive };
    },
  };
}

/** Returns the collection whose listing shows that an image is gone; what is excluded is never listed itself. */
function witnessOf(image: ResourcePath, isExcluded: (path: ResourcePath) => boolean): ResourcePath {
  let top = image;
  for (let at = image; at !== ROOT; at = parentOf(at)) if (isExcluded(at)) top = at;
  return parentOf(top);
}

/** Where a sync goes that lists only what differs. */
export interface SearchRoute {
  /** Collections with something to show, which come before all others: no image waits for another listing. */
  readonly first: readonly ResourcePath[];
  /** Those where something may be gone, may still be written to, or may have come that no search shows. */
  readonly later: readonly ResourcePath[];
  /** Where it goes on once a collection was listed; if that is gone, so is everything below it. */
  readonly after: ReadonlyMap<ResourcePath, readonly ResourcePath[]>;
  /**
   * The way from the root to all of these, by which it is seen whether markers above a change move; empty if there is
   * nothing to learn. It comes last.
   */
  readonly above: ReadonlyMap<ResourcePath, readonly ResourcePath[]>;
}

/** As many collections as a hint may name: listing more one by one costs about as much as a walk, which proves more. */
const MOST_COLLECTIONS = 100;

/**
 * Returns the way to all collections in which a search and the index differ; null if a walk is better. If `isLearning`,
 * it ends with those above them. Nothing is gone because a search doesn't show it: only a listing of its collection
 * says so. If nothing differs although `hasRootMoved`, since the root was last listed or searched, it leads to the root: a
 * mount that is new shows there before any search knows it. It leads to the `late` ones in any case, which are no sign
 * that the search lacks anything.
 */
export function searchRoute(
  { fresh, unsettled, missing, alive }: Omit<SearchDifferences, 'missingImages'>,
  {
    isLearning,
    hasRootMoved,
    late = [],
  }: { readonly isLearning: boolean; readonly hasRootMoved: boolean; readonly late?: readonly ResourcePath[] },
): SearchRoute | null {
  const targets = new Set([...fresh, ...unsettled, ...missing]);
  if (targets.size > MOST_COLLECTIONS) return null;
  if (targets.size === 0) {
    const first = hasRootMoved ? [ROOT] : [];
    return { first, later: late.filter((each) => !first.includes(each)), after: new Map(), above: new Map() };
  }
  const { later, after } = shortestRoute(
    [...targets].filter((target) => !fresh.has(target)),
    alive,
  );
  const others = late.filter((each) => !targets.has(each));
  return { first: [...fresh], later: [...later, ...others], after, above: isLearning ? wayAbove(targets) : new Map() };
}

/** Whether a search and the index are the same, and nothing may still be written to. */
export function isAgreed({ fresh, unsettled, missing }: SearchDifferences): boolean {
  return fresh.size + unsettled.size + missing.size === 0;
}

/** Returns every collection that a route leads to. */
export function collectionsOf({ first, later, after, above }: SearchRoute): ReadonlySet<ResourcePath> {
  return new Set([...first, ...later, ...[...after.values()].flat(), ...above.keys()]);
}

function wayAbove(targets: ReadonlySet<ResourcePath>): SearchRoute['above'] {
  const way = new Map<ResourcePath, ResourcePath[]>();
  for (const target of targets) {
    if (target === ROOT) continue;
    for (let at = parentOf(target), below: ResourcePath | null = null; ; below = at, at = parentOf(at)) {
      const known = way.get(at);
      const next = known ?? [];
      if (below !== null) next.push(below);
      way.set(at, next);
      if (known !== undefined || at === ROOT) break;
    }
  }
  return way;
}

function shortestRoute(
  targets: readonly ResourcePath[],
  alive: ReadonlySet<ResourcePath>,
): Pick<SearchRoute, 'later' | 'after'> {
  const groups = new Map<ResourcePath, ResourcePath[]>();
  for (const target of targets) {
    const top = outermostLifeless(target, alive);
    groups.set(top, [...(groups.get(top) ?? []), target]);
  }
  const later: ResourcePath[] = [];
  const after = new Map<ResourcePath, readonly ResourcePath[]>();
  for (const [top, group] of groups) {
    const [only] = group;
    if (group.length === 1 && only !== undefined) later.push(only);
    else {
      // All of them may have gone with the folder above them, which one request tells.
      later.push(top);
      after.set(
        top,
        group.filter((target) => target !== top),
      );
    }
  }
  return { later, after };
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

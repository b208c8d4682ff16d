import { isWithin, type ResourcePath } from '../../domain/model/path.js';

/** The mounts known to a sync: a change inside moves no marker outside, and a marker inside proves nothing. */
export interface Mounts {
  add(mount: ResourcePath): void;
  /**
   * Notes that its parent no longer shows it as a mount. Whatever was learned of it under the other storage still
   * proves nothing.
   */
  end(mount: ResourcePath): void;
  /** Whether a collection is a mount or is inside one, or inside a former one that existed when this sync began. */
  hold(collection: ResourcePath): boolean;
  /**
   * Whether a collection is a mount or is inside one that has not ended: further syncs visit only these regardless of
   * the markers above them.
   */
  holdOn(collection: ResourcePath): boolean;
}

export function createMounts(): Mounts {
  // A handful at most: people mount a few shares.
  const roots = new Set<ResourcePath>();
  const ended = new Set<ResourcePath>();
  const isInSome = (collection: ResourcePath, isMeant: (root: ResourcePath) => boolean) => {
    for (const root of roots) if (isMeant(root) && isWithin(collection, root)) return true;
    return false;
  };
  return {
    add(mount) {
      roots.add(mount);
      ended.delete(mount);
    },
    end(mount) {
      if (roots.has(mount)) ended.add(mount);
    },
    hold: (collection) => isInSome(collection, () => true),
    holdOn: (collection) => isInSome(collection, (root) => !ended.has(root)),
  };
}

/** Returns the paths that are not inside another one of them. */
export function outermost(paths: readonly ResourcePath[]): readonly ResourcePath[] {
  const kept: ResourcePath[] = [];
  for (const path of [...paths].sort((a, b) => a.length - b.length)) {
    if (!kept.some((outer) => isWithin(path, outer))) kept.push(path);
  }
  return kept;
}

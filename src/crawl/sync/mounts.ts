import { isWithin, type ResourcePath } from '../../domain/model/path.js';

/** The mounts that a sync knows of: what is inside moves no marker outside, and proves nothing itself. */
export interface Mounts {
  add(mount: ResourcePath): void;
  /** Its parent shows it as no mount any more. Whatever was learned of it under the other storage goes on proving nothing. */
  end(mount: ResourcePath): void;
  /** Whether a collection is a mount or lies in one, or in what was one when this sync began. */
  hold(collection: ResourcePath): boolean;
  /** The same without those that have ended: further syncs visit only these whatever the markers above them say. */
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

/** Without those that lie in another one of them. */
export function outermost(paths: readonly ResourcePath[]): readonly ResourcePath[] {
  const kept: ResourcePath[] = [];
  for (const path of [...paths].sort((a, b) => a.length - b.length)) {
    if (!kept.some((outer) => isWithin(path, outer))) kept.push(path);
  }
  return kept;
}

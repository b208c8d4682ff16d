import { isWithin, type ResourcePath } from '../domain/path.js';

/** The mounts that a sync knows of: what is inside moves no marker outside, and proves nothing itself. */
export interface Mounts {
  add(mount: ResourcePath): void;
  /** Whether a collection is a mount or lies in one. */
  hold(collection: ResourcePath): boolean;
}

export function createMounts(): Mounts {
  const roots = new Set<ResourcePath>();
  return {
    add: (mount) => void roots.add(mount),
    hold(collection) {
      // A handful at most: people mount a few shares.
      for (const root of roots) if (isWithin(collection, root)) return true;
      return false;
    },
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

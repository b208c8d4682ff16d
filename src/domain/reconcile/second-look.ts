import type { ImageResource } from '../model/image.js';
import { parentOf, type ResourcePath } from '../model/path.js';

/** Images in which a search and what a sync has listed before it differ. */
export interface SearchDoubts {
  /** Listed, and not found by the search. */
  readonly missing: ReadonlySet<ResourcePath>;
  /** Found, and not listed. */
  readonly surplus: ReadonlySet<ResourcePath>;
}

/** What a second listing of a collection tells of them. */
export interface SecondLook {
  /** The search was wrong about these: it missed what was there before and after it, or showed what wasn't. */
  readonly wrong: readonly ResourcePath[];
  /** Those of `surplus` that are there after all: they came meanwhile, or the first listing lacked them. */
  readonly appeared: readonly ImageResource[];
  /** The collection is no longer as the sync has listed it, whatever its marker says: the next one lists it again. */
  readonly isOther: boolean;
}

/** Compares the images of a complete second listing of `collection` with what is in doubt. */
export function judgeSecondLook(
  collection: ResourcePath,
  images: readonly ImageResource[],
  { missing, surplus }: SearchDoubts,
): SecondLook {
  const listed = new Set(images.map(({ path }) => path));
  const here = (paths: ReadonlySet<ResourcePath>) => [...paths].filter((path) => parentOf(path) === collection);
  const [missed, shown] = [here(missing), here(surplus)];
  const appeared = images.filter(({ path }) => surplus.has(path));
  return {
    wrong: [...missed.filter((path) => listed.has(path)), ...shown.filter((path) => !listed.has(path))],
    appeared,
    isOther: appeared.length > 0 || missed.some((path) => !listed.has(path)),
  };
}

import { parentOf, type ResourcePath } from '../../src/domain/path.js';
import { removedIn, type Segment, suspiciousCollections } from './segment.js';

/** Said once more, so that a mistake in `domain/guard.ts` would show. */
const EVERYDAY = 20;
const SHARE = 0.3;
/** A space of so few images may lose all of them in an afternoon. */
const SMALL = 5;

const limitOf = (shown: number) => Math.max(EVERYDAY, Math.floor(shown * SHARE));

/** Why these removals can't be believed at first sight, or null. What appeared with them makes renames of so many. */
export function mustBeHeld(segment: Segment, removed: readonly string[]): string | null {
  const { before, after, sync, claimed } = segment;
  const appeared = Math.max(sync.counts.added, [...after.images.keys()].filter((p) => !before.images.has(p)).length);
  const shown = claimed.shownImages;
  const fresh = removed.filter((path) => !wasAbsentBefore(segment, path)).length;
  if (segment.isUrlNew && fresh > 0) return `the URL has changed since`;
  const limit = limitOf(shown);
  if (removed.length - appeared > limit && fresh - appeared > limit) return `the limit of ${shown} is ${limit}`;
  const isAll = shown > SMALL && removed.length === shown && appeared === 0;
  return isAll && fresh === shown ? `they are all of ${shown}` : null;
}

/** Whether a sync may hold removals among which are these: for their number, or with others that wait for somebody. */
export function mayBeHeld(segment: Segment, removals: readonly string[]): boolean {
  const { claimed, storage, evidence } = segment;
  if (claimed.isRemovalAccepted) return false;
  if (segment.isUrlNew || storage.isEmpty('')) return true;
  // Images whose disk is away, or whose folder lost all, wait for an administrator; so may the others of that sync.
  if ([...segment.after.images.keys()].some(storage.isAway)) return true;
  if (suspiciousCollections(segment).length > 0) return true;
  const all = removals.length + removedIn(segment).length;
  const agreed = removals.filter((path) => wasAbsentBefore(segment, path)).length;
  const isTooMany = all > limitOf(claimed.shownImages) && all - agreed > limitOf(claimed.shownImages);
  const isAll = claimed.shownImages > SMALL && all >= claimed.shownImages && agreed < all;
  return isTooMany || isAll || evidence.answers.some(({ worth }) => worth === 'odd');
}

/** An earlier sync found it gone, too. */
function wasAbsentBefore({ before, claimed }: Segment, path: string): boolean {
  const images = [...(before.known.get(parentOf(path as ResourcePath))?.images ?? [])];
  const image = images.find((each) => each.path === path);
  return image !== undefined && image.absentInSync !== null && image.absentInSync !== claimed.sync.id;
}

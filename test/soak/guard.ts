import type { Look } from './check/memory.js';
import { lineage, parent, removedIn, type Segment, type Snapshot } from './check/segment.js';

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
  if (segment.isUrlNew && fresh > 0) return 'the URL has changed since';
  if (before.space.isRemovalRefused && fresh < removed.length) return 'an administrator has refused it';
  const limit = limitOf(shown);
  if (removed.length - appeared > limit && fresh - appeared > limit) return `the limit of ${shown} is ${limit}`;
  const isAll = shown > SMALL && removed.length === shown && appeared === 0;
  return isAll && fresh === shown ? `they are all of ${shown}` : null;
}

/** Whether a sync may hold what it would remove for its number alone, or for its URL. */
export function mayHoldByNumber(segment: Segment): boolean {
  const { claimed, after } = segment;
  if (claimed.isRemovalAccepted) return false;
  // What an administrator refused, and whatever comes together with it, waits for another word.
  if (segment.isUrlDoubtful || segment.before.space.isRemovalRefused) return true;
  const shown = claimed.shownImages;
  const images = [...after.known.values()].flatMap((collection) => [...collection.images]);
  const held = images.filter(({ absentInSync }) => absentInSync !== null).map(({ path }) => path as string);
  const count = held.length + removedIn(segment).length;
  const isMuch = count > limitOf(shown) || (count >= shown && count > SMALL);
  return isMuch && !isAgreed(segment, held);
}

/** The next sync that agrees lets them through, unless it was no number that was wrong with them. */
function isAgreed(segment: Segment, held: readonly string[]): boolean {
  const { claimed, memory, before } = segment;
  if (claimed.sync.mode === 'hint' || claimed.isResumed) return false;
  // A root that told nothing of itself leaves no look, but what it didn't show is marked all the same.
  const wasDoubted = (collection: string) =>
    memory.looks(collection).some(isEmptied) || before.known.get(collection)?.isContradicted === true;
  const wasEmptied = (path: string) => lineage(path).some((each) => wasDoubted(parent(each)));
  return held.every(
    (path) => wasAbsentIn(before, path, claimed.sync.id) && !wasEmptied(path) && !isMissedAnew(segment, path),
  );
}

/** Whether a collection above it was gone and is back: what that lacks now was missed before for another reason. */
function isMissedAnew({ before, after }: Segment, path: string): boolean {
  const isGone = ({ known }: Snapshot, each: string) =>
    known.get(parent(each))?.children.some((child) => child.path === each && child.absentInSync !== null) === true;
  return lineage(parent(path)).some((each) => isGone(before, each) && after.known.has(each) && !isGone(after, each));
}

const isEmptied = (look: Look) => look.isEmptying;

/** An earlier sync found it gone, too. */
function wasAbsentBefore({ before, claimed }: Segment, path: string): boolean {
  return wasAbsentIn(before, path, claimed.sync.id);
}

function wasAbsentIn({ known }: Snapshot, path: string, syncId: number): boolean {
  const images = [...(known.get(parent(path))?.images ?? [])];
  const image = images.find((each) => each.path === path);
  return image !== undefined && image.absentInSync !== null && image.absentInSync !== syncId;
}

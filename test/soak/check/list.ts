import { mustBeHeld } from '../guard.js';
import { isBlank } from './memory.js';
import {
  isChangedMeanwhile,
  isRemovalGrounded,
  isWithin,
  lineage,
  parent,
  removedIn,
  type Segment,
} from './segment.js';
import { demand, quoted } from './violation.js';
import { type Said, saysGone } from './witness.js';

/** What holds for the list after every run, whatever went wrong in it. */
export function checkList(segment: Segment): void {
  keepsWhatIsThere(segment);
  showsNothingTwice(segment);
  showsOnlyWhatWas(segment);
  leavesFailedCollections(segment);
  removesLittleAtOnce(segment);
  removesOnlyAtTheEnd(segment);
  saysWhatFailed(segment);
}

/** An image that was there all the time is lost only if the storage itself denied it. */
function keepsWhatIsThere(segment: Segment): void {
  const { storage, versionBefore } = segment;
  const lost = removedIn(segment).filter((path) => {
    const since = storage.presentSince(path);
    return since !== undefined && since <= versionBefore && !isRemovalGrounded(segment, path);
  });
  demand(lost.length === 0, '2 (nothing is lost)', () => `${quoted(lost)} went missing; the storage has it`);
}

/** Where the storage takes two spellings for one there is one file, and one image. */
function showsNothingTwice({ after, storage, sync, ending }: Segment): void {
  if (ending !== 'ran' || sync.status !== 'PROCESSED' || after.space.heldRemovals !== null) return;
  const first = new Map<string, string>();
  const twice: string[] = [];
  for (const path of after.images.keys()) {
    const key = storage.spellingKey(path);
    const other = first.get(key);
    if (other === undefined) first.set(key, path);
    else twice.push(other, path);
  }
  demand(twice.length === 0, '2 (nothing is listed twice)', () => `${quoted(twice)} are one file`);
}

function showsOnlyWhatWas({ after, storage }: Segment): void {
  const invented = [...after.images.values()].filter(({ path, sizeBytes }) => !storage.sizesEver(path).has(sizeBytes));
  demand(invented.length === 0, '2 (nothing is invented)', () => {
    const shown = invented.map(({ path, sizeBytes }) => `${path} with ${sizeBytes} bytes`);
    return `${quoted(shown)} is shown and never was there`;
  });
}

/** A collection whose listing failed is as it was, with all below it. */
function leavesFailedCollections(segment: Segment): void {
  const { before, after, evidence } = segment;
  const listed = [...evidence.listed()];
  for (const collection of listed) {
    if (!evidence.hasFailed(collection)) continue;
    const isSeenElsewhere = listed.some((each) => isWithin(each, collection) && !evidence.hasFailed(each));
    const isGone = lineage(collection).some((each) => evidence.denials(each, 'collection').length > 0);
    if (isSeenElsewhere || isGone) continue;
    const below = ({ images }: Segment['after']) =>
      [...images.values()]
        .filter(({ path }) => isWithin(parent(path), collection))
        .map(({ path, sizeBytes }) => `${path} (${sizeBytes})`)
        .sort((a, b) => (a < b ? -1 : 1));
    const was = below(before);
    // The first look at a new space is a search, which shows what is in such a collection, too.
    const isNew = segment.claimed.isNew && evidence.isSearched();
    const is = below(after).filter((image) => !isNew || was.includes(image));
    demand(was.join() === is.join(), '1 (a failed listing changes nothing)', () => {
      return `/${collection} could not be listed; before it showed [${quoted(was)}], now [${quoted(is)}]`;
    });
  }
}

/** What is too much to believe goes only if another sync or an administrator agrees. */
function removesLittleAtOnce(segment: Segment): void {
  const { claimed, evidence } = segment;
  const removed = removedIn(segment);
  if (removed.length === 0 || claimed.isRemovalAccepted) return;
  // What the configuration excludes goes because it says so, and no storage has to be believed for that.
  const believed = removed.filter((path) => !segment.storage.isExcluded(path));
  const reason = believed.length === 0 ? null : mustBeHeld(segment, believed);
  demand(reason === null, 'rule 6 (the guard)', () => `${quoted(removed)} (${removed.length}) went: ${reason}`);
  const root = evidence.completeListing('');
  // Of two that listed it the one that didn't get the lease may have been shown nothing.
  const isOneSight = segment.ending !== 'stolen' && !isChangedMeanwhile(segment);
  demand(root === null || !isBlank(root) || !isOneSight, 'rule 7 (the root)', () => {
    return `${quoted(removed)} went although the root showed nothing at all`;
  });
}

/** A run that didn't come to its end has removed nothing. */
function removesOnlyAtTheEnd(segment: Segment): void {
  if (segment.ending !== 'ran' || segment.sync.status === 'PROCESSED') return;
  const removed = removedIn(segment);
  demand(removed.length === 0, 'rule 10 (removals wait)', () => {
    return `${quoted(removed)} was removed by a sync that is ${segment.sync.status}`;
  });
}

/** What could not be listed is counted, but for what a hint finds to be gone: that is its parent's to say. */
function saysWhatFailed(segment: Segment): void {
  const { ending, claimed, sync, evidence } = segment;
  if (ending !== 'ran' || sync.status !== 'PROCESSED') return;
  const failed = [...evidence.listed()].filter((collection) => {
    if (!evidence.hasFailed(collection)) return false;
    // A root that tells nothing of itself is held instead.
    if (collection === '' && segment.after.space.heldRemovals !== null) return false;
    if (claimed.sync.mode === 'hint') return !evidence.listings(collection).some(isGone);
    return !isGoneByAll(segment, collection);
  });
  demand(failed.length === 0 || sync.counts.failures > 0, 'failures are counted', () => {
    return `${quoted(failed)} could not be listed, and the sync counts no failure`;
  });
}

/**
 * It, or one above it, answered that it is gone, and the last listing of its parent was without it: a file of its name
 * is not that folder, and a client that doesn't believe the listing counts that as a failure instead.
 */
export function isGoneByAll({ evidence }: Segment, collection: string): boolean {
  return lineage(collection).some((each) => {
    const last = evidence.listings(parent(each)).at(-1);
    return (
      evidence.listings(each).some(isGone) && last !== undefined && evidence.denials(each, 'collection').includes(last)
    );
  });
}

function isGone(said: Said): boolean {
  return saysGone(said) || said.fault.self === 'file' || said.shown?.isCollection === false;
}

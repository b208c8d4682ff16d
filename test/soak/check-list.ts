import { removalLimit } from '../../src/domain/guard.js';
import {
  isChangedMeanwhile,
  isEmptinessBelievable,
  isRemovalGrounded,
  isWithin,
  lineage,
  parent,
  removedIn,
  type Segment,
} from './segment.js';
import { demand, quoted } from './violation.js';
import type { Said } from './witness.js';

/** What holds for the list after every run, whatever went wrong in it. */
export function checkList(segment: Segment): void {
  keepsWhatIsThere(segment);
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
    const [was, is] = [below(before), below(after)];
    demand(was.join() === is.join(), '1 (a failed listing changes nothing)', () => {
      return `/${collection} could not be listed; before it showed [${quoted(was)}], now [${quoted(is)}]`;
    });
  }
}

/** More than a fifth of a hundred, or nearly a third, goes only if another sync or an administrator agrees. */
function removesLittleAtOnce(segment: Segment): void {
  const { before, claimed, evidence } = segment;
  const removed = removedIn(segment);
  if (removed.length === 0 || claimed.isRemovalAccepted) return;
  const absentBefore = new Set(
    [...before.known.values()].flatMap(({ images }) =>
      [...images]
        .filter(({ absentInSync }) => absentInSync !== null && absentInSync !== claimed.sync.id)
        .map(({ path }) => path as string),
    ),
  );
  const fresh = removed.filter((path) => !absentBefore.has(path));
  const limit = removalLimit(claimed.shownImages);
  demand(removed.length <= limit || fresh.length <= limit, 'rule 6 (the guard)', () => {
    return `${removed.length} of ${claimed.shownImages} images were removed, ${fresh.length} of them at first sight; the limit is ${limit}`;
  });
  const root = evidence.completeListing('');
  // Of two that listed it the one that didn't get the lease may have been shown nothing.
  const isOneSight = segment.ending !== 'stolen' && !isChangedMeanwhile(segment);
  demand(root === null || root.shown?.members.length !== 0 || !isOneSight, 'rule 7 (the root)', () => {
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
function saysWhatFailed({ ending, claimed, sync, evidence }: Segment): void {
  if (ending !== 'ran' || sync.status !== 'PROCESSED') return;
  const failed = [...evidence.listed()].filter((collection) => {
    if (!evidence.hasFailed(collection)) return false;
    return claimed.sync.mode !== 'hint' || !evidence.listings(collection).some(isGone);
  });
  demand(failed.length === 0 || sync.counts.failures > 0, 'failures are counted', () => {
    return `${quoted(failed)} could not be listed, and the sync counts no failure`;
  });
}

function isGone({ status, fault, shown }: Said): boolean {
  return status === 404 || status === 410 || fault.self === 'file' || shown?.isCollection === false;
}

/** What was listed completely by a run that came to its end is shown as it was listed. */
export function checkWhatWasListed(segment: Segment): void {
  const { after, sync, ending, evidence, storage } = segment;
  if (ending !== 'ran' || sync.status !== 'PROCESSED' || isChangedMeanwhile(segment)) return;
  const images = storage.images();
  const isHolding = after.space.heldRemovals !== null;
  for (const collection of evidence.listed()) {
    const listing = evidence.completeListing(collection);
    if (listing === null || storage.isExcluded(collection)) continue;
    if (lineage(collection).some((each) => evidence.denials(each, 'collection').length > 0)) continue;
    const isGuarded = (path: string) =>
      Object.hasOwn(listing.fault.childStatus ?? {}, path.slice(path.lastIndexOf('/') + 1));
    const said = (listing.shown?.members ?? []).filter((path) => images.has(path) && !isGuarded(path));
    const wrong = said.filter((path) => after.images.get(path)?.sizeBytes !== images.get(path)?.sizeBytes);
    demand(wrong.length === 0, '2 (what is listed is shown)', () => {
      return `/${collection} was listed with ${quoted(wrong)}, which is not shown, or with another size`;
    });
    // Or it would count as seen gone before when it goes another time.
    const known = [...(after.known.get(collection)?.images ?? [])];
    const held = known.filter(({ path, absentInSync }) => absentInSync !== null && said.includes(path));
    demand(held.length === 0, 'rule 6 (the guard)', () => {
      return `/${collection} was listed with ${quoted(held.map(({ path }) => path))}, which still counts as seen gone`;
    });
    if (isHolding || !isEmptinessBelievable(segment, listing)) continue;
    const isSaid = new Set<string>(said);
    const left = [...after.images.keys()].filter(
      (path) => parent(path) === collection && !isSaid.has(path) && !isGuarded(path),
    );
    demand(left.length === 0, 'rule 8 (a removal shows at once)', () => {
      return `/${collection} was listed without ${quoted(left)}, which is still shown`;
    });
  }
}

import { mayHoldByNumber } from '../guard.js';
import type { Storage } from '../storage.js';
import {
  isChangedMeanwhile,
  isSpelledOtherwise,
  isSurelyDeniedTwice,
  isWithin,
  lineage,
  parent,
  type Segment,
  type Snapshot,
  suspiciousCollections,
} from './segment.js';
import { demand, quoted } from './violation.js';
import { isMisleading, saysGone } from './witness.js';

/** Whether the list is the storage's: by names, or by sizes, too. */
export function isTruth({ images }: Snapshot, storage: Storage, by: 'names' | 'sizes'): boolean {
  const stored = storage.images();
  if (stored.size !== images.size) return false;
  return [...stored].every(([path, { sizeBytes }]) => {
    const image = images.get(path);
    return image !== undefined && (by === 'names' || image.sizeBytes === sizeBytes);
  });
}

/** Whether the run met nothing but the truth, from the sync's first claim on. */
function isUntroubled(segment: Segment): boolean {
  const { ending, evidence, isUndisturbed, syncBegan, storage } = segment;
  if (ending !== 'ran' || !isUndisturbed || isChangedMeanwhile(segment)) return false;
  if (evidence.isSearchRefused()) return false;
  return (
    evidence.answers.every(({ worth }) => worth === 'true') &&
    syncBegan.isAllTrue &&
    syncBegan.version === storage.version
  );
}

/**
 * After a sync that met nothing but the truth the list is the truth, but for what
 * rules 5 and 6 keep for a second opinion; then that is noted. Answers whether it is.
 */
export function checkTruth(segment: Segment): boolean {
  const { claimed, sync, after, storage } = segment;
  if (!isUntroubled(segment) || sync.status === 'CANCELLED' || sync.status === 'IN_PROGRESS') return false;
  demand(
    sync.status === 'PROCESSED',
    'a sync without trouble succeeds',
    () => `it is ${sync.status}: ${sync.errors[0]}`,
  );
  const { mode } = claimed.sync;
  if (mode === 'hint' || (mode === 'incremental' && !storage.isHonest)) return false;

  const stored = storage.images();
  const missing = [...stored.keys()].filter((path) => !after.images.has(path));
  demand(
    missing.length === 0,
    '2 (the truth in the end)',
    () => `${quoted(missing)} is not shown after a ${mode} sync`,
  );
  if (mode === 'full') {
    const wrong = [...stored].filter(([path, { sizeBytes }]) => after.images.get(path)?.sizeBytes !== sizeBytes);
    demand(wrong.length === 0, '2 (the truth in the end)', () => {
      return `${quoted(wrong.map(([path]) => path))} is shown with another size after a full sync`;
    });
  }
  const surplus = [...after.images.keys()].filter((path) => !stored.has(path));
  if (surplus.length > 0) checkSurplus(segment, surplus);
  return surplus.length === 0;
}

/** What is gone and still shown must be held, or be in doubt by the rules. */
function checkSurplus(segment: Segment, surplus: readonly string[]): void {
  const { after, storage } = segment;
  const suspicious = suspiciousCollections(segment);
  const removals = surplus.filter((path) => {
    if (storage.isAway(path) || isInDoubt(segment, path)) return false;
    return !suspicious.some((collection) => isWithin(parent(path), collection));
  });
  if (removals.length === 0) return;
  const isHolding = after.space.heldRemovals !== null;
  demand(isHolding, '2 (nothing is kept)', () => `${quoted(removals)} is gone from the storage and still shown`);
  demand(mayHoldByNumber(segment), 'rule 6 (the guard)', () => {
    return `${removals.length} removals of ${segment.claimed.shownImages} images are held without need: ${segment.sync.warnings.join('; ')}`;
  });
}

/** Below a collection that is gone by its parent alone: the storage says neither that it is there nor that it isn't. */
function isInDoubt(segment: Segment, path: string): boolean {
  const { evidence } = segment;
  const line = lineage(parent(path)).filter((each) => evidence.denials(each, 'collection').length > 0);
  // Nobody asked the parent this time, so that the doubt of an earlier sync stands; or a search led to the folder itself,
  // which answered in a manner that says neither.
  if (line.length === 0 && segment.claimed.sync.mode === 'incremental') {
    return isMarked(segment, path) || lineage(parent(path)).some((each) => isMute(segment, each));
  }
  return line.some((each) => {
    const isRespelled = isSpelledOtherwise(segment, each) && evidence.isFound(each);
    return !evidence.isDisowned(each) && !isRespelled && !isSurelyDeniedTwice(segment, each);
  });
}

function isMute({ evidence }: Segment, collection: string): boolean {
  return evidence.hasFailed(collection) && !evidence.listings(collection).some(saysGone);
}

function isMarked({ after }: Segment, path: string): boolean {
  const images = [...(after.known.get(parent(path))?.images ?? [])];
  return images.some((image) => image.path === path && image.absentInSync !== null);
}

/** Once the list was the truth, nothing but a change of the storage or a lie of it changes the list. */
export function checkStillness(segment: Segment, truthSince: number | null): void {
  const { before, after, evidence, storage } = segment;
  if (truthSince !== storage.version) return;
  if (evidence.answers.some(isMisleading)) return;
  const isSame = before.space.revision === after.space.revision;
  demand(isSame || isOnlyOlder(before, after), '1 (the same again changes nothing)', () => {
    return `revision ${before.space.revision} became ${after.space.revision} though nothing had changed`;
  });
}

/** Time alone makes images settled, and nothing else. */
function isOnlyOlder({ images: before }: Snapshot, { images: after }: Snapshot): boolean {
  const matured = [...after.values()].filter((image) => image.isSettled && before.get(image.path)?.isSettled === false);
  // One that isn't settled is shown as uploading, and nobody reads images here.
  const rest = (images: Snapshot['images']) =>
    JSON.stringify([...images.values()].map((image) => ({ ...image, isSettled: true, state: 'unknown' })));
  return matured.length > 0 && rest(before) === rest(after);
}

/** Counters say what the rows say. */
export function checkCounters({ after }: Segment): void {
  demand(after.space.collections === after.known.size, 'counters', () => {
    return `the space counts ${after.space.collections} collections and knows ${after.known.size}`;
  });
}

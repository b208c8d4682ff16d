import { beliefOf } from './belief.js';
import { isChangedMeanwhile, isSurelyDeniedTwice, lineage, parent, type Segment } from './segment.js';
import { demand, quoted } from './violation.js';

/** What two full syncs did not see any more, and what is not there, is not shown: in doubt for ever is a mistake, too. */
export function checkDoubtsEnd(segment: Segment): void {
  const { after, sync, ending, storage, claimed, evidence } = segment;
  if (ending !== 'ran' || sync.status !== 'PROCESSED' || claimed.sync.mode !== 'full' || isChangedMeanwhile(segment)) {
    return;
  }
  if (after.space.heldRemovals !== null || claimed.isResumed) return;
  const isProvenGone = (each: string, kind: 'image' | 'collection') => {
    const denials = evidence.denials(each, kind);
    if (denials.length === 0 || denials.length < evidence.listings(parent(each)).length) return false;
    // A client need not take a listing that may go on elsewhere.
    if (!isSurelyDeniedTwice(segment, each) || denials.some(({ worth }) => worth === 'doubtful')) return false;
    return denials.every((said) => beliefOf(segment, said, each, kind) === 'must');
  };
  const kept = [...after.images.keys()].filter((path) => {
    if (storage.images().has(path) || storage.isAway(path) || storage.isExcluded(path)) return false;
    if (isProvenGone(path, 'image')) return true;
    return lineage(parent(path)).some((each) => !evidence.isFound(each) && isProvenGone(each, 'collection'));
  });
  demand(kept.length === 0, '2 (nothing is in doubt for ever)', () => {
    return `${quoted(kept)} is still shown after two full syncs whose listings are without it`;
  });
}

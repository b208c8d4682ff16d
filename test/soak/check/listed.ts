import { mayHoldByNumber } from '../guard.js';
import { beliefOf } from './belief.js';
import { isChangedMeanwhile, lineage, parent, type Segment } from './segment.js';
import { demand, quoted } from './violation.js';

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
      return `/${collection} was listed with ${quoted(wrong)}, which is not shown, or with another size: ${sync.warnings.join('; ')}`;
    });
    // Or it would count as seen gone before when it goes another time.
    const known = [...(after.known.get(collection)?.images ?? [])];
    const held = known.filter(({ path, absentInSync }) => absentInSync !== null && said.includes(path));
    demand(held.length === 0, 'rule 6 (the guard)', () => {
      return `/${collection} was listed with ${quoted(held.map(({ path }) => path))}, which still counts as seen gone`;
    });
    if ((isHolding && mayHoldByNumber(segment)) || listing.worth === 'odd') continue;
    const isSaid = new Set<string>(said);
    const left = [...after.images.keys()].filter((path) => {
      if (parent(path) !== collection || isSaid.has(path) || isGuarded(path) || storage.isAway(path)) return false;
      return beliefOf(segment, listing, path, 'image') === 'must';
    });
    demand(left.length === 0, 'rule 8 (a removal shows at once)', () => {
      return `/${collection} was listed without ${quoted(left)}, which is still shown`;
    });
  }
}

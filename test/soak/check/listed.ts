import { mayHoldByNumber } from '../guard.js';
import { beliefOf } from './belief.js';
import { imagesOf, isHeldByDate } from './memory.js';
import { isChangedMeanwhile, isWithin, lineage, parent, type Segment } from './segment.js';
import { demand, quoted } from './violation.js';
import type { Said } from './witness.js';

/** Whether it is without a collection on the way to another that the same run has listed, too: one of both is no witness. */
function isBelied({ evidence }: Segment, { path, shown }: Said): boolean {
  const members: readonly string[] = shown?.members ?? [];
  return [...evidence.listed()].some((each) => {
    if (each === path || !isWithin(each, path) || evidence.completeListing(each) === null) return false;
    return !lineage(each).some((above) => members.includes(above));
  });
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
    if (isBelied(segment, listing)) continue;
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
    endsItsHold(segment, listing);
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

/** A hold is about what was missed when it began: when none of that is missing any more, it is over. */
function endsItsHold(segment: Segment, said: Said): void {
  const { before, after, claimed } = segment;
  const known = before.known.get(said.path);
  if (claimed.isResumed || known === undefined || !isHeldByDate(before, said.path)) return;
  const { emptyInSync, images, children } = known;
  const isOfIt = ({ absentInSync }: { readonly absentInSync: number | null }) =>
    absentInSync !== null && absentInSync <= (emptyInSync ?? 0);
  const listed = imagesOf(segment, said);
  // A folder of the same name may be another one.
  const isAllThere = !children.some(isOfIt) && [...images].filter(isOfIt).every(({ path }) => listed.has(path));
  const isOver = after.known.get(said.path)?.emptyInSync !== emptyInSync;
  demand(!isAllThere || isOver, 'a hold ends', () => {
    return `/${said.path} is held since sync ${emptyInSync}, and nothing is missing of what it is held for`;
  });
}

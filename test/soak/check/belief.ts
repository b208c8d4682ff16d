import {
  dateOf,
  heldIn,
  imagesOf,
  isBack,
  isBelowHeld,
  isBlank,
  isEmptying,
  isHeldByDate,
  keyOf,
  type Look,
  looksAt,
  type MemberKind,
  membersOf,
  pathOf,
} from './memory.js';
import { isChangedMeanwhile, lineage, type Segment } from './segment.js';
import type { Said } from './witness.js';

/** Whether what a listing no longer shows is to be believed gone: it has to be, it may be, or on no account. */
export type Belief = 'must' | 'may' | 'never';

/** `later`: for a second look; `perhaps later`: or never. */
type ByDate = Belief | 'later' | 'perhaps later';

/** A file server's clock may lag so far behind the storage's, with the second that HTTP's dates are cut to. */
const LAG_MS = 6_000;
/** Behind the last listing by the storage's own clock, for all that HTTP cuts off. */
const SURE_MS = 4_000;
/** Older than that when it was shown, a date is known to stand for its names. */
const SETTLED_MS = 3_000;

/** What may be made of it that an answer doesn't show all that the index knows of its collection. */
export function beliefIn(segment: Segment, said: Said): Belief {
  return weakest(missingIn(segment, said).map((key) => judgeMember(segment, said, key)));
}

/** The same of one member that it doesn't show. What goes while others of its collection are held may be held with them. */
export function beliefOf(segment: Segment, said: Said, path: string, kind: MemberKind): Belief {
  const belief = judgeMember(segment, said, keyOf(path, kind));
  if (isBelowAnyHold(segment, said.path)) return belief === 'never' ? 'never' : 'may';
  return belief === 'must' ? (beliefIn(segment, said) === 'must' ? 'must' : 'may') : belief;
}

/** Below what may be a bare mount point all that goes may be held with what the disk held. */
function isBelowAnyHold({ after }: Segment, collection: string): boolean {
  const above = lineage(collection).filter((each) => each !== collection);
  return [...above, ''].some((each) => typeof after.known.get(each)?.emptyInSync === 'number');
}

function missingIn(segment: Segment, said: Said): string[] {
  const members = membersOf(said);
  return said.shown === null ? [] : heldIn(segment, said.path).filter((each) => !members.has(each));
}

function judgeMember(segment: Segment, said: Said, key: string): Belief {
  const all = looksAt(segment, said.path);
  const shows = ({ members }: Look) => members.has(key);
  const last = all.findLastIndex(shows);
  const wanted = all.slice(0, last + 1).filter(shows);
  // The index may remember any of these: the last one that it has for sure, and all behind it.
  const before = wanted.slice(
    Math.max(
      0,
      wanted.findLastIndex(({ isKept }) => isKept),
    ),
  );
  const earlier = all.slice(last + 1);
  const now = lookNow(segment, said);
  const belief = weakest([
    judge(segment, before, [...earlier, now]),
    // What a killed process was shown the index may not have.
    judge(segment, before, [...earlier.filter(({ isKept }) => isKept), now]),
  ]);
  // Whatever goes from a folder that is held for its date waits with that.
  return belief === 'must' && isHeldByDate(segment.before, said.path) ? 'may' : belief;
}

/** `lost`: the looks that were without it, this one at the end. */
function judge(segment: Segment, before: readonly Look[], lost: readonly Look[]): Belief {
  const [first] = lost;
  const now = lost.at(-1);
  if (first === undefined || now === undefined) return 'must';
  // What was in doubt before waits, too, once the root showed nothing at all.
  if (!first.isEmptying && !first.isBelowHeld)
    return lost.some(({ collection, isBlank }) => collection === '' && isBlank) ? 'may' : 'must';
  if (isChangedMeanwhile(segment) || heldIn(segment, now.collection).map(pathOf).some(segment.storage.isExcluded))
    return 'may';
  // What came since doesn't show that anything is back.
  const isEmptied = ({ isEmptying, members }: Look) => isEmptying || ![...first.held].some((each) => members.has(each));
  const verdictOf = (look: Look): ByDate => {
    // A new folder of an old name is not the one that was there.
    if (look.isBelowHeld) return 'never';
    return isEmptied(look) ? byDate(look, before) : 'may';
  };
  const verdicts = lost.map(verdictOf);
  // What an earlier sync has believed is not judged again, though an entry without a name may keep it for longer.
  if (wasBelieved(lost.slice(0, -1), verdicts)) return 'may';
  // Once its date has said that nothing was deleted, only the content or an administrator says otherwise.
  const contradicted = verdicts.indexOf('never');
  if (contradicted >= 0) {
    const back = lost.findIndex((look, at) => at > contradicted && !look.isBelowHeld && !isEmptied(look));
    const shown = lost[back];
    // What is not back with the rest waits for another sync, and is judged as if it had never been held.
    if (shown === undefined || shown.syncId === now.syncId) return 'never';
    const isSure = shown.isKept && shown.isBack && !now.isEmptying;
    return isSure ? judge(segment, before, lost.slice(back)) : 'may';
  }
  const verdict = verdicts.findLast((each) => each !== 'may') ?? 'may';
  if (verdict !== 'later' && verdict !== 'perhaps later') return verdict;
  if (now.isHint) return 'never';
  const firsts = lost.filter(({ syncId }) => syncId !== now.syncId);
  // A hint may be the first to see it, but none gives a second opinion.
  if (firsts.length === 0) return 'never';
  return verdict === 'later' && firsts.some(({ isKept, isHint }) => isKept && !isHint) ? 'must' : 'may';
}

/** Whether one of these looks agreed with an earlier one, before any date said that nothing was deleted. */
function wasBelieved(looks: readonly Look[], verdicts: readonly ByDate[]): boolean {
  const isSure = (at: number) => looks[at]?.isKept === true && !looks[at].isHint && verdicts[at] === 'later';
  return looks.some((look, at) => {
    if (!isSure(at) || verdicts.slice(0, at).includes('never')) return false;
    return looks.slice(0, at).some(({ syncId }, before) => isSure(before) && syncId !== look.syncId);
  });
}

function byDate(look: Look, before: readonly Look[]): ByDate {
  const { collection, isBlank, modifiedAt, names } = look;
  if (collection === '' && isBlank) return 'never';
  const dates = before.map((look) => look.modifiedAt).filter((each) => each !== null);
  if (before.length === 0) return 'may';
  if (modifiedAt === null || dates.length < before.length) return 'later';
  const listed = before.map(({ at }) => at);
  if (modifiedAt > Math.max(...dates) && modifiedAt >= Math.max(...listed) - SURE_MS) return 'must';
  if (modifiedAt > Math.min(...dates) && modifiedAt >= Math.min(...listed) - LAG_MS) return 'may';
  if (!dates.includes(modifiedAt)) return 'never';
  const isSettled = before.every((each) => (each.modifiedAt ?? each.at) <= each.at - SETTLED_MS);
  // It may have moved within its second, and what shows other members can be read.
  if (!isSettled && look.members.size > 0) return 'may';
  if (names !== 'seen') return 'later';
  // A date that stood still for what came, too, tells nothing.
  const isNew = ({ members }: Look) => [...look.images].some((each) => !members.has(each));
  if (before.every(isNew)) return 'later';
  if (before.some(isNew)) return 'perhaps later';
  return isSettled ? 'never' : 'perhaps later';
}

function lookNow(segment: Segment, said: Said): Look {
  const { id, mode } = segment.claimed.sync;
  return {
    collection: said.path,
    syncId: id,
    isKept: true,
    isHint: mode === 'hint',
    modifiedAt: dateOf(said),
    at: said.at,
    members: membersOf(said),
    held: new Set(heldIn(segment, said.path)),
    images: imagesOf(segment, said),
    isBlank: isBlank(said),
    isEmptying: isEmptying(segment, said),
    names: segment.claimed.evidence.names,
    isBelowHeld: isBelowHeld(segment, said),
    isBack: isBack(segment, said),
  };
}

function weakest(beliefs: readonly Belief[]): Belief {
  const [first = 'must'] = beliefs;
  return beliefs.every((each) => each === first) ? first : 'may';
}

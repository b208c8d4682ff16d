import { dateOf, type Look } from './memory.js';
import { isChangedMeanwhile, type Segment } from './segment.js';
import type { Said } from './witness.js';

/** Whether what a listing no longer shows is to be believed gone: it has to be, it may be, or on no account. */
export type Belief = 'must' | 'may' | 'never';

/** A file server's clock may lag so far behind the storage's, with the second that HTTP's dates are cut to. */
const LAG_MS = 6_000;
/** Older than that when it was shown, a date is known to stand for its names. */
const SETTLED_MS = 3_000;

/** What may be made of an answer that doesn't show what the index knows of its collection; of `path` where one is given. */
export function beliefIn(segment: Segment, said: Said, path?: string): Belief {
  const known = segment.before.known.get(said.path);
  if (said.shown === null || known === undefined) return 'must';
  const members = new Set<string>(said.shown.members);
  const held = [
    ...known.children.map((child) => child.path as string),
    ...[...known.images].filter((image) => !image.isMissing).map((image) => image.path as string),
  ];
  const isOnDisk = path !== undefined && segment.storage.isAway(path);
  const hasLostAll = held.length > 0 && held.every((each) => !members.has(each));
  if (!hasLostAll && !isOnDisk) return 'must';
  // What is excluded goes without a question, and what moved meanwhile may have been seen at several moments.
  if (!isOnDisk && (held.some(segment.storage.isExcluded) || isChangedMeanwhile(segment))) return 'may';
  const isWanted = ({ members: shown }: Look) => (isOnDisk ? shown.has(path) : held.some((each) => shown.has(each)));
  return beliefByDate(segment, said, rememberedLooks(segment, said.path, isWanted));
}

/** Those that the index may remember: the last one that it has for sure, and all behind it. */
function rememberedLooks({ memory }: Segment, collection: string, isWanted: (look: Look) => boolean): Look[] {
  const wanted = memory.looks(collection).filter(isWanted);
  return wanted.slice(
    Math.max(
      0,
      wanted.findLastIndex(({ isKept }) => isKept),
    ),
  );
}

function beliefByDate(segment: Segment, said: Said, looks: readonly Look[]): Belief {
  const date = dateOf(said);
  const dates = looks.map(({ modifiedAt }) => modifiedAt).filter((each) => each !== null);
  if (looks.length === 0) return 'may';
  if (date === null || dates.length < looks.length) return bySecondLook(segment, said, looks, 'must');
  if (date > Math.max(...dates) && date >= Math.max(...looks.map(({ at }) => at)) - LAG_MS + 2_000) return 'must';
  if (date > Math.min(...dates) && date >= Math.min(...looks.map(({ at }) => at)) - LAG_MS) return 'may';
  if (!dates.includes(date)) return 'never';
  if (segment.claimed.evidence.names !== 'seen') return bySecondLook(segment, said, looks, 'must');
  const isSettled = looks.every(({ modifiedAt, at }) => (modifiedAt ?? at) <= at - SETTLED_MS);
  return isSettled ? 'never' : bySecondLook(segment, said, looks, 'may');
}

/** Only the second sync that is shown so may believe it. */
function bySecondLook({ memory, claimed }: Segment, said: Said, looks: readonly Look[], belief: Belief): Belief {
  const { id, mode } = claimed.sync;
  if (mode === 'hint') return 'never';
  const all = memory.looks(said.path);
  const since = all.indexOf(looks.at(-1) as Look);
  const earlier = all.slice(since + 1).filter(({ syncId, isHint }) => syncId !== id && !isHint);
  if (earlier.length === 0) return 'never';
  return earlier.some(({ isKept }) => isKept) ? belief : 'may';
}

import { OvadexError } from '../model/errors.js';
import { quote } from '../text/quote.js';

/**
 * How far a reader knows the history of a space's list: every change up to `revision`. Whoever goes on from one point to
 * the next, and from the last one later on, has exactly the list.
 */
export interface ChangePoint {
  /** The run of the index in which it was given. */
  readonly run: string;
  /** The space, 0 for none: ids of spaces are never given twice. */
  readonly space: number;
  readonly revision: number;
  /** Of `revision` itself only the changes of images with ids up to this one are known; null: all of them. */
  readonly upTo: number | null;
  /** The reader began without any image at this revision, so removals up to it are no news; 0 if that no longer matters. */
  readonly begun: number;
}

/** What the index says of the history of a space's list at present. */
export interface ListHistory {
  /** The present run. */
  readonly run: string;
  /** Whether the history goes back to this run without a break. */
  hasRun(run: string): boolean;
  /** 0: the user has no space. */
  readonly space: number;
  readonly revision: number;
  /** The last revision of which a removal is forgotten; 0 if none is. */
  readonly forgotten: number;
}

export const GONE_REASONS = ['other-history', 'other-space', 'forgotten'] as const;
/**
 * Why nobody can go on from a point: it is of an index that was replaced or lost commits, of a space that isn't the
 * user's any more, or older than the removals that are still known.
 */
export type GoneReason = (typeof GONE_REASONS)[number];

/** Where changes are read from: those of `revision` with ids after `after`, then those of later revisions. */
export interface ChangesFrom {
  readonly revision: number;
  readonly after: number;
  /** Only removals of later revisions than this are news. */
  readonly removedAfter: number;
}

/** Returns where reading goes on from a point, or begins without one; or why it can't. */
export function changesFrom(point: ChangePoint | null, history: ListHistory): ChangesFrom | GoneReason {
  if (point !== null && point.run !== history.run && !history.hasRun(point.run)) return 'other-history';
  // Whoever knows of no space has no image: that is the beginning.
  if (point === null || point.space === 0) return { revision: 0, after: 0, removedAfter: history.revision };
  if (point.space !== history.space) return 'other-space';
  const { revision, upTo, begun } = point;
  if (Math.max(revision, begun) > history.revision) return 'other-history';
  const known = upTo === null ? revision : revision - 1;
  const removedAfter = Math.max(known, begun);
  if (history.forgotten > removedAfter) return 'forgotten';
  return upTo === null ? { revision: revision + 1, after: 0, removedAfter } : { revision, after: upTo, removedAfter };
}

/** Returns the point up to which everything is known. */
export function endOfHistory({ run, space, revision }: Omit<ListHistory, 'hasRun' | 'forgotten'>): ChangePoint {
  return { run, space, revision, upTo: null, begun: 0 };
}

/** Returns the point after an image whose last change is of this revision, for a reader who has come here from `from`. */
export function pointAfter(
  { run, space }: ListHistory,
  from: ChangesFrom,
  last: { readonly id: number; readonly revision: number },
): ChangePoint {
  const begun = from.removedAfter >= last.revision ? from.removedAfter : 0;
  return { run, space, revision: last.revision, upTo: last.id, begun };
}

/** The run, and then numbers in base 36, which are safe integers with at most ten digits. */
const POINT = /^([\da-f]{12})-([\da-z]{1,10})-([\da-z]{1,10})(?:-([\da-z]{1,10})-([\da-z]{1,10}))?$/;

/** Writes a point as clients carry it, which is under 60 characters. */
export function writePoint({ run, space, revision, upTo, begun }: ChangePoint): string {
  const numbers = upTo === null ? [space, revision] : [space, revision, upTo, begun];
  return [run, ...numbers.map((number) => number.toString(36))].join('-');
}

/** Where a request carries a point, and where its sender has it from. */
const PLACES = {
  since: 'meta.next_since of an earlier answer',
  'Last-Event-ID': 'the id of an earlier event',
} as const;
export type PointPlace = keyof typeof PLACES;

/** Reads a point. Throws OvadexError `usage` for one that `writePoint` never wrote. */
export function readPoint(text: string, place: PointPlace = 'since'): ChangePoint {
  const [, run = '', ...digits] = POINT.exec(text) ?? [];
  const [space, revision, upTo, begun] = digits.map((each) => (each === undefined ? null : Number.parseInt(each, 36)));
  if (typeof space !== 'number' || typeof revision !== 'number') {
    throw new OvadexError(
      'usage',
      `${place}: ${quote(text)} is no point that an answer has named; allowed is ${PLACES[place]}, or nothing for all images`,
    );
  }
  return { run, space, revision, upTo: upTo ?? null, begun: begun ?? 0 };
}

const REASONS: Readonly<Record<GoneReason, string>> = {
  'other-history': 'is of an index that was replaced or restored since, or has lost its last changes',
  'other-space': 'is of a space that is no longer yours',
  forgotten: 'is older than the removals that are still known',
};

/** Says why nobody can go on from a point, and what to do. */
export function sayGone(text: string, reason: GoneReason, place: PointPlace = 'since'): string {
  return `${place}: ${quote(text)} ${REASONS[reason]}; drop what you have, and begin anew without ${place}`;
}

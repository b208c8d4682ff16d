import type { ResourcePath } from '../../domain/model/path.js';
import type { PathHint } from '../../domain/model/path-hint.js';
import type { SpaceSettings } from '../../domain/model/space.js';
import { type HintPace, hintWaitMs, paceAfter } from '../../domain/policy/hint-pace.js';
import { type Home, homeOf, placeOf } from '../../domain/policy/hint-place.js';
import { MAX_TARGETS } from '../../domain/policy/sync-filing.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { RosterEntry } from '../spaces/space-roster.js';

/** Hints that others give: for each space, its collections are gathered and handed on together. */
export interface PathHints {
  /** Takes hints in; those that lead to no space, or to what is excluded, are ignored. */
  take(hints: readonly PathHint[]): void;
  stop(): void;
}

interface Waiting {
  readonly collections: Set<ResourcePath>;
  readonly timer: NodeJS.Timeout;
}

interface Place {
  readonly spaceId: number;
  readonly home: Home;
}

/** One more than a sync takes as targets: from there on the whole space is looked at. */
const MAX_GATHERED = MAX_TARGETS + 1;

export function createPathHints(deps: {
  /** Returns the settings of all spaces; the same array until they change. */
  readonly settings: () => readonly SpaceSettings[];
  readonly entries: () => Iterable<RosterEntry>;
  readonly isExcluded: (path: ResourcePath) => boolean;
  readonly onHint: (spaceId: number, changed: readonly ResourcePath[]) => void;
  /** Counts hints by what became of them. */
  readonly onTaken: (taken: number, ignored: number) => void;
  readonly steadyClock: Clock;
}): PathHints {
  const waiting = new Map<number, Waiting>();
  const paces = new Map<number, HintPace>();
  let known: { readonly settings: readonly SpaceSettings[]; readonly places: ReadonlyMap<string, Place[]> } | null =
    null;

  /** The spaces by what a hint may call their user. Read when the first hint comes, since most daemons never get one. */
  const placesOf = ({ below, user }: PathHint): readonly Place[] => {
    const settings = deps.settings();
    if (known?.settings !== settings) known = { settings, places: placesByUser(deps.entries()) };
    return known.places.get(`${below} ${user}`) ?? [];
  };

  const follow = (spaceId: number) => {
    const gathered = waiting.get(spaceId);
    waiting.delete(spaceId);
    paces.set(spaceId, paceAfter(paces.get(spaceId) ?? null, deps.steadyClock()));
    if (gathered !== undefined) deps.onHint(spaceId, [...gathered.collections]);
  };

  const gather = (spaceId: number, collection: ResourcePath) => {
    const before = waiting.get(spaceId);
    if (before !== undefined) {
      if (before.collections.size < MAX_GATHERED) before.collections.add(collection);
      return;
    }
    const waitMs = hintWaitMs(paces.get(spaceId) ?? null, deps.steadyClock());
    waiting.set(spaceId, { collections: new Set([collection]), timer: setTimeout(() => follow(spaceId), waitMs) });
  };

  /** Whether the hint leads to a collection of some space. */
  const takeOne = (hint: PathHint): boolean => {
    let isTaken = false;
    for (const { spaceId, home } of placesOf(hint)) {
      const place = placeOf(hint, home);
      if (place === null || deps.isExcluded(place.path)) continue;
      gather(spaceId, place.collection);
      isTaken = true;
    }
    return isTaken;
  };

  return {
    take(hints) {
      const taken = hints.filter(takeOne).length;
      deps.onTaken(taken, hints.length - taken);
    },
    stop() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

function placesByUser(entries: Iterable<RosterEntry>): ReadonlyMap<string, Place[]> {
  const places = new Map<string, Place[]>();
  const add = (key: string, place: Place) => {
    const others = places.get(key);
    if (others === undefined) places.set(key, [place]);
    else others.push(place);
  };
  for (const { space, settings } of entries) {
    const place = { spaceId: space.id, home: homeOf(settings) };
    add(`space ${settings.user}`, place);
    add(`home ${place.home.owner}`, place);
  }
  return places;
}

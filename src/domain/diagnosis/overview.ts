import { type Space, type SpaceState, stateOf } from '../model/space.js';

/** How a storage host and its spaces are doing. */
export interface HostStanding {
  /** The origin of the spaces' URLs: scheme, host and port. */
  readonly origin: string;
  readonly spaces: number;
  /** Spaces whose last sync failed, or that are suspended. */
  readonly inTrouble: number;
  /** When the first of them got into trouble; null if none did. */
  readonly since: number | null;
  /** The most frequent message among them; null if there is none. */
  readonly message: string | null;
}

/** All spaces at a glance. */
export interface Overview {
  readonly states: ReadonlyMap<SpaceState, number>;
  readonly images: number;
  readonly hosts: readonly HostStanding[];
  /** Spaces with removals that only a person can decide on. */
  readonly heldSpaces: number;
  readonly heldImages: number;
  readonly suspended: number;
  /** When the space that has waited longest was last listed completely; null if there is no space, or one never was. */
  readonly allWholeSince: number | null;
  readonly neverWhole: number;
}

/** Sums up all spaces. The hosts are ordered by name, those in trouble first. */
export function overviewOf(spaces: readonly Space[], now: number, intervalMs: number): Overview {
  const states = new Map<SpaceState, number>();
  const byOrigin = new Map<string, Space[]>();
  for (const space of spaces) {
    const state = stateOf(space, now, intervalMs);
    states.set(state, (states.get(state) ?? 0) + 1);
    const { origin } = new URL(space.url);
    const others = byOrigin.get(origin);
    if (others === undefined) byOrigin.set(origin, [space]);
    else others.push(space);
  }
  const hosts = [...byOrigin].map(([origin, its]) => standingOf(origin, its));
  const held = spaces.filter(({ heldRemovals }) => heldRemovals !== null);
  const successes = spaces.map(({ lastSuccessAt }) => lastSuccessAt).filter((at) => at !== null);
  const neverWhole = spaces.length - successes.length;
  return {
    states,
    images: spaces.reduce((sum, { images }) => sum + images, 0),
    hosts: hosts.sort((a, b) => b.inTrouble - a.inTrouble || (a.origin < b.origin ? -1 : 1)),
    heldSpaces: held.length,
    heldImages: held.reduce((sum, { heldRemovals }) => sum + (heldRemovals ?? 0), 0),
    suspended: states.get('suspended') ?? 0,
    allWholeSince: neverWhole > 0 || successes.length === 0 ? null : successes.reduce((a, b) => Math.min(a, b)),
    neverWhole,
  };
}

function standingOf(origin: string, spaces: readonly Space[]): HostStanding {
  const troubles = spaces.map(({ trouble }) => trouble).filter((trouble) => trouble !== null);
  const grave = troubles.filter(({ kind }) => kind !== 'incomplete');
  const counts = new Map<string, number>();
  for (const { message } of grave) counts.set(message, (counts.get(message) ?? 0) + 1);
  const [usual = null] = [...counts].sort(([, a], [, b]) => b - a);
  return {
    origin,
    spaces: spaces.length,
    inTrouble: grave.length,
    since: grave.length === 0 ? null : grave.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY),
    message: usual === null ? null : usual[0],
  };
}

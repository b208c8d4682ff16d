import { isSubtreeBelieved, type OriginEvidence, type Pruning, pruningOf } from '../model/markers.js';
import { type SearchUse, searchUseOf } from '../model/search.js';
import type { Space } from '../model/space.js';
import { baseOf } from './linking.js';

/** What decides how spaces are looked at besides their own rows. */
export interface SpaceContext {
  /** What the spaces of a storage have shown of its markers, as far as `isSubtreeBelieved` asks, by `storageOf` their URLs; those that have shown nothing are left out. */
  readonly evidence: ReadonlyMap<string, OriginEvidence>;
  /** The base URLs of the Nextclouds that users have connected by themselves. */
  readonly servers: ReadonlyMap<string, string>;
}

/**
 * For so many spaces, what decides about them is looked up for each: of a page that takes a millisecond, while to read that of
 * 100,000 takes from 40 ms to 300. Of more it is quicker to read all that there is.
 */
export const CONTEXTS_ONE_BY_ONE = 1_000;

export const NO_CONTEXT: SpaceContext = { evidence: new Map(), servers: new Map() };

/** How a sync between full ones finds what has changed, once the root's marker doesn't say that nothing has. */
export type LookWay =
  | 'search' // the storage's own search tells where to look
  | 'markers' // what their markers prove unchanged is skipped
  | 'walk'; // every folder is listed

/** How a space is looked at. */
export interface SpaceLook {
  readonly way: LookWay;
  readonly pruning: Pruning;
  readonly search: SearchUse;
  /** From the last sync that left nothing unlisted to the next that is planned, in ms; null without either. */
  readonly intervalMs: number | null;
  /** Whether its user has connected its storage. */
  readonly isLinked: boolean;
}

/** Returns how a space is looked at; `isSearchAllowed`: the configuration lets storages be searched. */
export function lookOf(space: Space, { evidence, servers }: SpaceContext, isSearchAllowed: boolean): SpaceLook {
  const ofOrigin = evidence.get(storageOf(space.url)) ?? NOTHING_SHOWN;
  const pruning = pruningOf(space.evidence, isSubtreeBelieved(space.evidence, ofOrigin));
  const search = searchUseOf(space.search, isSearchAllowed);
  const server = servers.get(space.user);
  return {
    way: wayOf(space, pruning, search),
    pruning,
    search,
    intervalMs: intervalOf(space),
    isLinked: server !== undefined && server === baseOf(space.url),
  };
}

const NOTHING_SHOWN: OriginEvidence = { seen: 0, refuted: 0 };

/** A space in trouble is not searched: what was left unlisted, or is held, has to be looked at itself. */
function wayOf({ trouble, heldRemovals }: Space, pruning: Pruning, search: SearchUse): LookWay {
  if (search === 'on' && trouble === null && heldRemovals === null) return 'search';
  return pruning === 'learning' || pruning === 'off' ? 'walk' : 'markers';
}

function intervalOf({ lastSuccessAt, nextSyncAt }: Space): number | null {
  return lastSuccessAt === null || nextSyncAt === null ? null : Math.max(0, nextSyncAt - lastSuccessAt);
}

/** Returns the storage of a space's URL: scheme, host and port, with the slash that ends them. */
export function storageOf(url: string): string {
  return url.slice(0, url.indexOf('/', 'https://'.length) + 1);
}

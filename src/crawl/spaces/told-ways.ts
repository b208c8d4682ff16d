import { wayOfOutage } from '../../domain/hosts/host-outage.js';
import { type ToldOutage, toldNameOf } from '../../domain/hosts/told-outage.js';
import type { Crawled, Place } from './host-ways.js';

const NONE: ReadonlyMap<string, Place> = new Map();

/**
 * Returns what finds the ways that an outage concerns which another crawler tells of, each with a place to ask it by; none if
 * nothing is crawled there. The places are gone through when they have changed and an outage is told.
 */
export function createToldWays(
  crawled: Crawled,
): (told: Pick<ToldOutage, 'storage' | 'kind'>) => ReadonlyMap<string, Place> {
  let known: { readonly of: readonly (readonly Place[])[]; readonly ways: Map<string, Map<string, Place>> } | null =
    null;
  return ({ storage, kind }) => {
    const of = [crawled.places(), crawled.discoveries()];
    if (known === null || of.some((places, at) => places !== known?.of[at])) {
      known = { of, ways: new Map() };
      for (const place of of.flat()) {
        for (const each of ['silent', 'maintenance'] as const) {
          const name = nameOf(each, toldNameOf(each, place));
          const ways = known.ways.get(name) ?? new Map<string, Place>();
          known.ways.set(name, ways.set(wayOfOutage(each, place), place));
        }
      }
    }
    return known.ways.get(nameOf(kind === 'silent' ? 'silent' : 'maintenance', storage)) ?? NONE;
  };
}

/** A silence may concern another way than what the host says of itself. */
function nameOf(kind: 'silent' | 'maintenance', storage: string): string {
  return `${kind} ${storage}`;
}

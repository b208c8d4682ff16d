import { type OutageKind, waysTo } from '../../domain/hosts/host-outage.js';
import { toldNameOf } from '../../domain/hosts/told-outage.js';
import type { ListingFailure } from '../../domain/model/listing.js';
import type { StoragesDown } from '../../domain/model/measurements.js';
import type { SpaceSettings } from '../../domain/model/space.js';

export type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** What is known of a way to a storage; see `waysTo`. Times are in ms since the epoch. */
export interface Way {
  answers: number;
  /** When the last of them came. */
  answeredAt: number;
  /** URLs of spaces whose root gave no answer since the last answer of any. */
  readonly silent: Set<string>;
  /** When the first of them gave none. */
  silentSince: number;
  down: Outage | null;
  /** Until it is known whether an outage that another crawler tells of is one here, too. */
  doubt: Promise<void> | null;
}

export interface Outage {
  readonly kind: OutageKind;
  since: number;
  readonly failure: ListingFailure;
  readonly detail: string;
  /** URLs of the spaces and discoveries that would have asked. */
  readonly waiting: Set<string>;
  /** Whether the log has a line of it; if only discoveries are affected, their own lines report it. */
  isTold: boolean;
  /** The last place that would have asked: its credentials are current. */
  place: Place;
  /** By which other crawlers know it; see `toldNameOf`. */
  readonly name: string;
  /** The crawlers that tell of it, as was last heard. */
  tellers: ReadonlySet<string>;
  /** Whether the storage answers another crawler. */
  isOnlyHere: boolean;
  /** Ends the pause before the next probe; null while there is none. */
  wake: (() => void) | null;
  /** The next probe has no pause before it. */
  isHurried: boolean;
}

export function newOutage(
  of: Pick<Outage, 'kind' | 'since' | 'failure' | 'detail' | 'place'>,
  waiting: Iterable<string> = [],
): Outage {
  const { kind, since, failure, detail, place } = of;
  const name = toldNameOf(kind, place);
  const begun = { isTold: false, tellers: new Set<string>(), isOnlyHere: false, wake: null, isHurried: false };
  return { kind, since, failure, detail, place, name, waiting: new Set(waiting), ...begun };
}

/** All ways to storages, by their keys. */
export interface Ways {
  /** Returns a way, of which nothing may be known yet. */
  of(key: string): Way;
  get(key: string): Way | undefined;
  forget(key: string): void;
  all(): Iterable<Way>;
  /** Returns the outage in which what is reached in these ways is not asked, or null. */
  outageOn(keys: readonly string[]): Outage | null;
  /** Returns how many spaces are reached in a way. */
  spacesAt(key: string): number;
  /** Whether a space or a discovery is reached in a way. */
  isAsked(key: string): boolean;
}

export interface Crawled {
  /** Returns all crawled places; the same array until they change. */
  readonly places: () => readonly Place[];
  /** Returns the places asked for spaces besides them; the same array until they change. */
  readonly discoveries: () => readonly Place[];
}

export function createWays(crawled: Crawled): Ways {
  const ways = new Map<string, Way>();
  let counted: { readonly places: readonly Place[]; readonly byWay: Map<string, number> } | null = null;
  const spacesAt = (key: string): number => {
    const places = crawled.places();
    if (counted?.places !== places) {
      counted = { places, byWay: new Map() };
      for (const way of places.flatMap(waysTo)) counted.byWay.set(way, (counted.byWay.get(way) ?? 0) + 1);
    }
    return counted.byWay.get(key) ?? 0;
  };
  return {
    of(key) {
      const way = ways.get(key) ?? unknownWay();
      ways.set(key, way);
      return way;
    },
    get: (key) => ways.get(key),
    forget: (key) => void ways.delete(key),
    all: () => ways.values(),
    outageOn(keys) {
      for (const key of keys) {
        const down = ways.get(key)?.down ?? null;
        if (down !== null) return down;
      }
      return null;
    },
    spacesAt,
    isAsked: (key) => spacesAt(key) > 0 || crawled.discoveries().some((place) => waysTo(place).includes(key)),
  };
}

/** Counts the storages that are down, each once however many ways lead there. */
export function countDown(ways: Pick<Ways, 'all'>): StoragesDown {
  const byName = new Map<string, boolean>();
  for (const { down } of ways.all()) {
    if (down !== null) byName.set(down.name, down.isOnlyHere || (byName.get(down.name) ?? false));
  }
  const onlyHere = [...byName.values()].filter((isOnlyHere) => isOnlyHere).length;
  return { everywhere: byName.size - onlyHere, onlyHere };
}

/** Returns the origins to which some way is down here alone, each once. */
export function originsDownHere(ways: Pick<Ways, 'all'>): readonly string[] {
  const down = [...ways.all()].flatMap((way) => (way.down?.isOnlyHere === true ? [way.down.place.url] : []));
  return [...new Set(down.map((url) => new URL(url).origin))];
}

function unknownWay(): Way {
  const silence = { silent: new Set<string>(), silentSince: 0 };
  return { answers: 0, answeredAt: Number.NEGATIVE_INFINITY, ...silence, down: null, doubt: null };
}

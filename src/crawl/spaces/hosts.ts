import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { isHostDown, isSilence, pauseBeforeProbe, wayTo } from '../../domain/hosts/host-outage.js';
import { failedListing, type ListingFailure } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { SpaceSettings } from '../../domain/model/space.js';
import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { spanOf } from '../../domain/text/span.js';
import { createDigest } from '../news/digest.js';
import type { Storage } from './space-roster.js';

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** Knows which storage hosts are down. Such a host is asked now and then for all of its spaces, and reported once. */
export interface Hosts {
  /** Returns the storage with calls to a host that is down answered without asking it. */
  listen(storage: Storage): Storage;
  isDown(place: Place): boolean;
  /** Whether it is down, and the log has reported it in a line of the host's own. */
  isTold(place: Place): boolean;
  /** Returns the outages of all hosts that are down now. */
  outages(): readonly HostOutage[];
  stop(): Promise<void>;
}

export interface HostOutage {
  readonly host: string;
  /** In ms since the epoch. */
  readonly since: number;
  /** The failure of the request that found it down. */
  readonly detail: string;
  /** URLs of the spaces and discoveries that would have asked. */
  readonly waiting: ReadonlySet<string>;
}

interface Way {
  /** URLs of spaces whose root gave no answer since the last answer of any. */
  readonly silent: Set<string>;
  /** When the first of them gave none. */
  silentSince: number;
  answers: number;
  down: Outage | null;
}

interface Outage {
  readonly since: number;
  readonly failure: ListingFailure;
  readonly detail: string;
  /** URLs of the spaces and discoveries that would have asked. */
  readonly waiting: Set<string>;
  /** Whether the log has a line of it; if only discoveries are affected, their own lines report it. */
  isTold: boolean;
  /** The last place that would have asked: its credentials are current. */
  place: Place;
}

export interface HostsDeps {
  /** Returns all crawled places; the same array until they change. */
  readonly places: () => readonly Place[];
  /** Returns the places asked for spaces besides them. */
  readonly discoveries: () => readonly Place[];
  /** A storage without retries. */
  readonly probing: Storage;
  /** Called when the host of these spaces and discoveries answers again. */
  readonly onBack: (urls: ReadonlySet<string>) => void;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

export function createHosts(deps: HostsDeps): Hosts {
  const { clock, logger } = deps;
  const digest = createDigest({ logger });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // each host that is down waits for it; so many listeners are no leak
  const ways = new Map<string, Way>();
  const probes = new Set<Promise<void>>();

  const wayOf = (key: string): Way => {
    const way = ways.get(key) ?? { silent: new Set(), silentSince: 0, answers: 0, down: null };
    ways.set(key, way);
    return way;
  };
  let counted: { readonly places: readonly Place[]; readonly byWay: Map<string, number> } | null = null;
  const spacesAt = (key: string): number => {
    const places = deps.places();
    if (counted?.places !== places) {
      counted = { places, byWay: new Map() };
      for (const way of places.map(wayTo)) counted.byWay.set(way, (counted.byWay.get(way) ?? 0) + 1);
    }
    return counted.byWay.get(key) ?? 0;
  };
  const isAsked = (key: string) => spacesAt(key) > 0 || deps.discoveries().some((place) => wayTo(place) === key);

  const noteAnswer = (way: Way) => {
    way.answers++;
    way.silent.clear();
  };
  const noteSilence = (key: string, place: Place, failure: ListingFailure, detail: string) => {
    const way = wayOf(key);
    if (way.down !== null) return void way.down.waiting.add(place.url);
    if (stopping.signal.aborted) return;
    if (way.silent.size === 0) way.silentSince = clock();
    way.silent.add(place.url);
    if (!isHostDown(failure, way.silent.size, spacesAt(key))) return;
    way.down = { since: way.silentSince, failure, detail, waiting: new Set(way.silent), isTold: false, place };
    tell(key, way.down);
    const probing = probeUntilBack(key, way, way.down).finally(() => probes.delete(probing));
    probes.add(probing);
  };
  const tell = (key: string, outage: Outage) => {
    const spaces = spacesAt(key);
    if (outage.isTold || spaces === 0) return;
    outage.isTold = true;
    const { detail } = outage;
    const { origin: name } = new URL(outage.place.url);
    const since = new Date(outage.since).toISOString();
    digest.tell('down', {
      level: 'warn',
      facts: { host: name, since, spaces, detail },
      message: `${name}: no answer since ${since}, ${spaces} ${spaces === 1 ? 'space waits' : 'spaces wait'}; their lists stay as they were`,
      name,
    });
  };

  const probeUntilBack = async (key: string, way: Way, outage: Outage): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      await deps.sleep(pauseBeforeProbe(attempt), stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      if (!isAsked(key)) return void ways.delete(key); // no space or discovery is left that would ask
      if (await isAnswered(outage.place)) break;
    }
    way.down = null;
    noteAnswer(way);
    const { origin: name } = new URL(outage.place.url);
    const asking = new Set(deps.discoveries().map(({ url }) => url));
    const spaces = [...outage.waiting].filter((url) => !asking.has(url)).length;
    if (outage.isTold) {
      digest.tell('back', {
        level: 'info',
        facts: { host: name, spaces },
        message: `${name}: answers again after ${spanOf(clock() - outage.since)}`,
        name,
      });
    }
    deps.onBack(outage.waiting);
  };
  const isAnswered = async (place: Place): Promise<boolean> => {
    const store = deps.probing.open(place);
    try {
      return !isSilence((await store.probe(ROOT, stopping.signal)).failure);
    } catch {
      return false; // stopping, or a bug: asked again either way
    } finally {
      await store.close();
    }
  };

  const heard = (place: Place, store: RemoteStore): RemoteStore => {
    const key = wayTo(place);
    /** Returns what is answered instead of asking while the host is down, otherwise null. */
    const outage = () => {
      const { down } = wayOf(key);
      if (down === null) return null;
      down.place = place;
      down.waiting.add(place.url);
      tell(key, down);
      const detail = `${new URL(place.url).origin} has given no answer since ${new Date(down.since).toISOString()} and is asked once for all of its spaces, now and then: ${down.detail}`;
      return { failure: down.failure, detail };
    };
    const note = (collection: ResourcePath, failure: ListingFailure | null, detail: string, answersBefore: number) => {
      const way = wayOf(key);
      if (!isSilence(failure)) return noteAnswer(way);
      // A folder may have trouble of its own, and a host that answered others meanwhile is up.
      if (collection === ROOT && failure !== null && way.answers === answersBefore)
        noteSilence(key, place, failure, detail);
    };
    return {
      async list(collection, signal) {
        const down = outage();
        if (down !== null) return failedListing(collection, down.failure, down.detail, 0);
        const { answers } = wayOf(key);
        const listing = await store.list(collection, signal);
        const { verdict } = listing;
        note(collection, verdict.complete ? null : verdict.failure, verdict.complete ? '' : verdict.detail, answers);
        return listing;
      },
      async probe(collection, signal) {
        const down = outage();
        if (down !== null) {
          return { presence: 'unknown', ...down, marker: null, isSettled: false, mayPropagate: false, requests: 0 };
        }
        const { answers } = wayOf(key);
        const probe = await store.probe(collection, signal);
        note(collection, probe.failure, probe.detail, answers);
        return probe;
      },
      async search(signal) {
        const down = outage();
        // Whatever a search meets, the listings after it tell whether the host is down.
        return down === null ? await store.search(signal) : { kind: 'failed', ...down, requests: 0 };
      },
      close: () => store.close(),
    };
  };

  return {
    listen: (storage) => ({ ...storage, open: (place) => heard(place, storage.open(place)) }),
    isDown: (place) => (ways.get(wayTo(place))?.down ?? null) !== null,
    outages: () =>
      [...ways.values()].flatMap(({ down }) => {
        if (down === null) return [];
        const { since, detail, waiting, place } = down;
        return [{ host: new URL(place.url).origin, since, detail, waiting }];
      }),
    isTold: (place) => ways.get(wayTo(place))?.down?.isTold ?? false,
    async stop() {
      stopping.abort();
      await Promise.all(probes);
      digest.stop();
    },
  };
}

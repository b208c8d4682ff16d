import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import {
  isHostDown,
  isOver,
  type OutageKind,
  outageOf,
  pauseBeforeProbe,
  wayOfOutage,
  waysTo,
} from '../../domain/hosts/host-outage.js';
import { outageBegun, outageDetail, outageOver } from '../../domain/hosts/outage-words.js';
import { failedListing, type ListingFailure } from '../../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { SpaceSettings } from '../../domain/model/space.js';
import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { createDigest } from '../news/digest.js';
import type { Storage } from './space-roster.js';

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/**
 * Knows which storage hosts are down, refuse everything, or are in maintenance. Such a host is asked now and then for
 * all of its spaces, and reported once.
 */
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
  readonly kind: OutageKind;
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
  readonly kind: OutageKind;
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

/** Numbers of answers so far, in a place's own way and from its host. */
interface Answers {
  readonly own: number;
  readonly host: number;
}

/** Rejects with the reason of an aborted signal. */
export type AskMaintenance = (place: Place, signal: AbortSignal) => Promise<boolean | null>;

export interface HostsDeps {
  /** Returns all crawled places; the same array until they change. */
  readonly places: () => readonly Place[];
  /** Returns the places asked for spaces besides them. */
  readonly discoveries: () => readonly Place[];
  /** A storage without retries. */
  readonly probing: Storage;
  /** Asks whether the server of a place is in maintenance mode; null if it doesn't say. If left out, none says so. */
  readonly isInMaintenance?: AskMaintenance | undefined;
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
      for (const way of places.flatMap(waysTo)) counted.byWay.set(way, (counted.byWay.get(way) ?? 0) + 1);
    }
    return counted.byWay.get(key) ?? 0;
  };
  const isAsked = (key: string) => spacesAt(key) > 0 || deps.discoveries().some((place) => waysTo(place).includes(key));

  const noteAnswer = (keys: readonly string[]) => {
    for (const key of keys) {
      const way = wayOf(key);
      way.answers++;
      way.silent.clear();
    }
  };
  /** Returns the outage in which what is reached in these ways is not asked, or null. */
  const outageOn = (keys: readonly string[]): Outage | null => {
    for (const key of keys) {
      const down = ways.get(key)?.down ?? null;
      if (down !== null) return down;
    }
    return null;
  };
  const noteOutage = (kind: OutageKind, place: Place, failure: ListingFailure, detail: string) => {
    const key = wayOfOutage(kind, place);
    const way = wayOf(key);
    if (way.down !== null) return void way.down.waiting.add(place.url);
    if (stopping.signal.aborted) return;
    if (way.silent.size === 0) way.silentSince = clock();
    way.silent.add(place.url);
    if (!isHostDown(failure, way.silent.size, spacesAt(key))) return;
    way.down = { kind, since: way.silentSince, failure, detail, waiting: new Set(way.silent), isTold: false, place };
    tell(key, way.down);
    const probing = probeUntilBack(key, way, way.down).finally(() => probes.delete(probing));
    probes.add(probing);
  };
  const tell = (key: string, outage: Outage) => {
    const spaces = spacesAt(key);
    if (outage.isTold || spaces === 0) return;
    outage.isTold = true;
    const { kind, since, detail } = outage;
    const { origin: name } = new URL(outage.place.url);
    digest.tell('down', {
      level: 'warn',
      facts: { host: name, since: new Date(since).toISOString(), spaces, detail },
      message: outageBegun(kind, name, since, spaces),
      name,
    });
  };

  const probeUntilBack = async (key: string, way: Way, outage: Outage): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      await deps.sleep(pauseBeforeProbe(attempt, outage.kind), stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      if (!isAsked(key)) return void ways.delete(key); // no space or discovery is left that would ask
      if (await isBack(outage)) break;
    }
    way.down = null;
    noteAnswer([key]);
    const { origin: name } = new URL(outage.place.url);
    const asking = new Set(deps.discoveries().map(({ url }) => url));
    const spaces = [...outage.waiting].filter((url) => !asking.has(url)).length;
    if (outage.isTold) {
      digest.tell('back', {
        level: 'info',
        facts: { host: name, spaces },
        message: outageOver(name, clock() - outage.since),
        name,
      });
    }
    deps.onBack(outage.waiting);
  };
  const isBack = async ({ kind, place }: Outage): Promise<boolean> => {
    const store = deps.probing.open(place);
    try {
      const isLeft = kind === 'maintenance' ? await deps.isInMaintenance?.(place, stopping.signal) : null;
      if (typeof isLeft === 'boolean') return !isLeft;
      return isOver(kind, (await store.probe(ROOT, stopping.signal)).failure);
    } catch {
      return false; // stopping, or a bug: asked again either way
    } finally {
      await store.close();
    }
  };

  const heard = (place: Place, store: RemoteStore): RemoteStore => {
    const keys = waysTo(place);
    const [ownKey, hostKey = ownKey] = keys;
    /** Returns what is answered instead of asking while the host is down, otherwise null. */
    const outage = () => {
      const down = outageOn(keys);
      if (down === null) return null;
      down.place = place;
      down.waiting.add(place.url);
      tell(wayOfOutage(down.kind, place), down);
      const { origin } = new URL(place.url);
      return { failure: down.failure, detail: outageDetail(down.kind, origin, down.since, down.detail) };
    };
    const answersSo = (): Answers => ({ own: wayOf(ownKey).answers, host: wayOf(hostKey).answers });
    const note = (collection: ResourcePath, failure: ListingFailure | null, detail: string, before: Answers) => {
      const kind = outageOf(failure);
      if (kind === null || failure === null) return noteAnswer(keys);
      // A folder may have trouble of its own, and a host that answered others meanwhile is up.
      const { own, host } = answersSo();
      const isOfHost = collection === ROOT && (kind === 'silent' ? own === before.own : host === before.host);
      if (isOfHost || kind === 'maintenance') noteOutage(kind, place, failure, detail);
    };
    return {
      async list(collection, signal) {
        const down = outage();
        if (down !== null) return failedListing(collection, down.failure, down.detail, 0);
        const before = answersSo();
        const listing = await store.list(collection, signal);
        const { verdict } = listing;
        note(collection, verdict.complete ? null : verdict.failure, verdict.complete ? '' : verdict.detail, before);
        return listing;
      },
      async probe(collection, signal) {
        const down = outage();
        if (down !== null) {
          return { presence: 'unknown', ...down, marker: null, isSettled: false, mayPropagate: false, requests: 0 };
        }
        const before = answersSo();
        const probe = await store.probe(collection, signal);
        note(collection, probe.failure, probe.detail, before);
        return probe;
      },
      async search(signal, isFirst) {
        const down = outage();
        if (down !== null) return { kind: 'failed', ...down, requests: 0 };
        const search = await store.search(signal, isFirst);
        if (search?.kind === 'found') noteAnswer(keys);
        // Whatever else a search meets, the listings after it tell whether the host is down.
        else if (search?.kind === 'failed' && search.failure === 'maintenance') {
          note(ROOT, search.failure, search.detail, answersSo());
        }
        return search;
      },
      close: () => store.close(),
    };
  };

  return {
    listen: (storage) => ({ ...storage, open: (place) => heard(place, storage.open(place)) }),
    isDown: (place) => outageOn(waysTo(place)) !== null,
    outages: () =>
      [...ways.values()].flatMap(({ down }) => {
        if (down === null) return [];
        const { kind, since, detail, waiting, place } = down;
        return [{ kind, host: new URL(place.url).origin, since, detail, waiting }];
      }),
    isTold: (place) => outageOn(waysTo(place))?.isTold ?? false,
    async stop() {
      stopping.abort();
      await Promise.all(probes);
      digest.stop();
    },
  };
}

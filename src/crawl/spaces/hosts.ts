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
import type { StoragesDown } from '../../domain/model/measurements.js';
import { type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { Clock, Sleep } from '../../domain/ports/clock.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { createDigest } from '../news/digest.js';
import { underAny } from '../signals/joined-signals.js';
import {
  type Crawled,
  countDown,
  createWays,
  newOutage,
  type Outage,
  originsDownHere,
  type Place,
  type Way,
} from './host-ways.js';
import type { ListenToOthers } from './other-crawlers.js';
import type { Storage } from './space-roster.js';

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
  /** Returns the origins of those on the way to which something is down here alone: perhaps not on each way. */
  originsLeft(): readonly string[];
  /** Whether it is down here and answers other crawlers, who can sync what is there. */
  isLeftToOthers(place: Place): boolean;
  /** Returns the outages of all hosts that are down now. */
  outages(): readonly HostOutage[];
  counts(): StoragesDown;
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

/** Numbers of answers so far, in a place's own way and from its host. */
interface Answers {
  readonly own: number;
  readonly host: number;
}

/** The host of a store, whose answers are noted. */
interface HeardHost {
  /**
   * Returns what is answered instead of asking while the host is down, otherwise null; waits while it is being found out
   * whether it is. Rejects with the reason of an aborted signal.
   */
  refusal(signal: AbortSignal): Promise<Refusal | null>;
  /** Begins a request; what is returned notes how that ended. */
  ask(): (collection: ResourcePath, failure: ListingFailure | null, detail: string) => void;
}

interface Refusal {
  readonly failure: ListingFailure;
  readonly detail: string;
}

/** Rejects with the reason of an aborted signal. */
export type AskMaintenance = (place: Place, signal: AbortSignal) => Promise<boolean | null>;

export interface HostsDeps extends Crawled {
  /** A storage without retries. */
  readonly probing: Storage;
  /** Asks whether the server of a place is in maintenance mode; null if it doesn't say. If left out, none says so. */
  readonly isInMaintenance?: AskMaintenance | undefined;
  /** Called when the host of these spaces and discoveries answers again. */
  readonly onBack: (urls: ReadonlySet<string>) => void;
  /** Begins to share outages with other crawlers; null or left out: there is none. */
  readonly listenToOthers?: ListenToOthers | null | undefined;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

export function createHosts(deps: HostsDeps): Hosts {
  const { clock, logger } = deps;
  const digest = createDigest({ logger });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // each host that is down is asked until it; so many listeners are no leak
  const ways = createWays(deps);
  const probes = new Set<Promise<void>>();

  const noteAnswer = (keys: readonly string[]) => {
    for (const key of keys) {
      const way = ways.of(key);
      way.answers++;
      way.answeredAt = clock();
      way.silent.clear();
    }
  };
  const noteOutage = (kind: OutageKind, place: Place, failure: ListingFailure, detail: string) => {
    const key = wayOfOutage(kind, place);
    const way = ways.of(key);
    if (way.down !== null) return void way.down.waiting.add(place.url);
    if (stopping.signal.aborted) return;
    if (way.silent.size === 0) way.silentSince = clock();
    way.silent.add(place.url);
    if (!isHostDown(failure, way.silent.size, ways.spacesAt(key))) return;
    const outage = newOutage({ kind, since: way.silentSince, failure, detail, place }, way.silent);
    goDown(key, way, outage);
    others?.tell(key, outage);
  };
  const goDown = (key: string, way: Way, outage: Outage) => {
    way.down = outage;
    tell(key, outage);
    const probing = probeUntilBack(key, way, outage).finally(() => probes.delete(probing));
    probes.add(probing);
  };
  const tell = (key: string, outage: Outage) => {
    const spaces = ways.spacesAt(key);
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
      await pauseOf(outage, pauseBeforeProbe(attempt, outage.kind));
      if (stopping.signal.aborted) return;
      if (!ways.isAsked(key)) {
        others?.forget(outage);
        return ways.forget(key); // no space or discovery is left that would ask
      }
      if (await isBack(outage)) break;
      if (!stopping.signal.aborted) others?.tell(key, outage);
    }
    way.down = null;
    noteAnswer([key]);
    others?.end(outage);
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
  const pauseOf = async (outage: Outage, ms: number) => {
    const waking = new AbortController();
    outage.wake = () => waking.abort();
    const pause = (signal: AbortSignal) => deps.sleep(ms, signal).catch(() => undefined);
    if (!outage.isHurried) await underAny([stopping.signal, waking.signal], pause);
    outage.isHurried = false;
    outage.wake = null;
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

  const { signal } = stopping;
  const others = deps.listenToOthers?.({ ...deps, ways, goDown, isBack, noteAnswer, stopping: signal });

  const heard = (place: Place, store: RemoteStore): RemoteStore => {
    const keys = waysTo(place);
    const [ownKey, hostKey = ownKey] = keys;
    const answersSo = (): Answers => ({ own: ways.of(ownKey).answers, host: ways.of(hostKey).answers });
    return hearStore(store, {
      async refusal(signal) {
        const doubtOn = () => others?.doubtOn(keys) ?? null;
        for (let doubt = doubtOn(); doubt !== null; doubt = doubtOn()) await untilOver(doubt, signal);
        const down = ways.outageOn(keys);
        if (down === null) return null;
        down.place = place;
        down.waiting.add(place.url);
        tell(wayOfOutage(down.kind, place), down);
        const { origin } = new URL(place.url);
        return { failure: down.failure, detail: outageDetail(down.kind, origin, down.since, down.detail) };
      },
      ask() {
        const before = answersSo();
        return (collection, failure, detail) => {
          const kind = outageOf(failure);
          if (kind === null || failure === null) return noteAnswer(keys);
          // A folder may have trouble of its own, and a host that answered others meanwhile is up.
          const { own, host } = answersSo();
          const isOfHost = collection === ROOT && (kind === 'silent' ? own === before.own : host === before.host);
          if (isOfHost || kind === 'maintenance') noteOutage(kind, place, failure, detail);
        };
      },
    });
  };

  return {
    listen: (storage) => ({ ...storage, open: (place) => heard(place, storage.open(place)) }),
    isDown: (place) => ways.outageOn(waysTo(place)) !== null,
    originsLeft: () => originsDownHere(ways),
    isLeftToOthers: (place) => ways.outageOn(waysTo(place))?.isOnlyHere ?? false,
    outages: () =>
      [...ways.all()].flatMap(({ down }) => {
        if (down === null) return [];
        const { kind, since, detail, waiting, place } = down;
        return [{ kind, host: new URL(place.url).origin, since, detail, waiting }];
      }),
    counts: () => countDown(ways),
    isTold: (place) => ways.outageOn(waysTo(place))?.isTold ?? false,
    async stop() {
      stopping.abort();
      await Promise.all([...probes, others?.stop()]);
      digest.stop();
    },
  };
}

/** Returns the store with calls answered without asking while its host is down. */
function hearStore(store: RemoteStore, host: HeardHost): RemoteStore {
  return {
    async list(collection, signal) {
      const down = await host.refusal(signal);
      if (down !== null) return failedListing(collection, down.failure, down.detail, 0);
      const note = host.ask();
      const listing = await store.list(collection, signal);
      const { verdict } = listing;
      note(collection, verdict.complete ? null : verdict.failure, verdict.complete ? '' : verdict.detail);
      return listing;
    },
    async probe(collection, signal) {
      const down = await host.refusal(signal);
      if (down !== null) {
        return { presence: 'unknown', ...down, marker: null, isSettled: false, mayPropagate: false, requests: 0 };
      }
      const note = host.ask();
      const probe = await store.probe(collection, signal);
      note(collection, probe.failure, probe.detail);
      return probe;
    },
    async search(signal, isFirst) {
      const down = await host.refusal(signal);
      if (down !== null) return { kind: 'failed', ...down, requests: 0 };
      const note = host.ask();
      const search = await store.search(signal, isFirst);
      if (search?.kind === 'found') note(ROOT, null, '');
      // Whatever else a search meets, the listings after it tell whether the host is down.
      else if (search?.kind === 'failed' && search.failure === 'maintenance') {
        note(ROOT, search.failure, search.detail);
      }
      return search;
    },
    close: () => store.close(),
  };
}

/** Resolves once the work is over, and rejects with the reason of a signal that is aborted before. */
function untilOver(work: Promise<void>, signal: AbortSignal): Promise<void> {
  setMaxListeners(0, signal); // all requests of a sync may wait for the same
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

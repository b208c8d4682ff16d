import type { Clock } from '../../domain/ports/clock.js';
import type { StoragePlaces } from '../../domain/ports/storage-places.js';
import type { Sleep } from '../transport/sleep.js';

/** The places at a storage host that this process shares with others. */
export interface Places {
  /** Whether one is free just now. */
  hasFree(): boolean;
  /** Takes one that is free. */
  take(): void;
  /** Gives one back; whoever waits for it is told, but for the one that gives it back. */
  leave(by: () => void): void;
  /** Says how many requests wait somewhere; `admit` is called there whenever one may have become free. */
  want(admit: () => void, waiting: number): void;
  /** The storage takes no more than this many at a time. */
  narrow(limit: number): void;
  /** Tells the others that the storage wants to be left alone for so many ms. */
  pause(forMs: number): void;
  /** When the last pause ends that others have told of, by the steady clock. */
  readonly pausedUntil: number;
}

export interface SharedPlaces {
  /** Returns those at a host, which takes at most `limit` requests at a time as far as is known. */
  of(origin: string, limit: number): Places;
  /** Gives all of them back; nothing is asked any more. */
  stop(): Promise<void>;
}

export interface SharedPlacesDeps {
  readonly port: StoragePlaces;
  /** What these places are for: requests of another kind have places of their own. */
  readonly kind: 'crawl' | 'log-in';
  /** Names this process, and nothing that was before it. */
  readonly owner: string;
  /** The monotonic clock. */
  readonly steadyClock: Clock;
  /** The wall clock, which is ahead of the other one after the host has slept. */
  readonly wall: Clock;
  readonly sleep: Sleep;
}

/** A host that is no more keeps its places for so long. */
const LEASE_MS = 15_000;
/** In the last part of a lease no request is begun, so that those under way have ended before others get their places. */
const LAST_PART_MS = 5_000;
/** Two renewals may fail before requests have to wait. */
const RENEWED_EVERY_MS = 4_000;
/** How often a host asks again that has to wait for what others give back. */
const WAITING_EVERY_MS = 500;
/** The least time from one renewal to the next, so that requests that come and go by the hundred make ten a second. */
const GAP_MS = 100;
const TRIED_AGAIN_AFTER_MS = 1_000;
/** Half of the second within which all hosts know. */
const PAUSES_EVERY_MS = 500;
/** The next request of a crawl mostly follows at once; log-ins are few, and others wait for the place. */
const IDLE_MS = { crawl: 2_000, 'log-in': 0 } as const;
const STOPPED_WITHIN_MS = 1_000;

interface Storage {
  readonly name: string;
  limit: number;
  inFlight: number;
  readonly waiting: Map<() => void, number>;
  /** The most that were under way or waiting since the last renewal, and what was said of it then. */
  peak: number;
  wanted: number;
  /** What the database has for this process, what is its fair share, and what it confines itself to. */
  granted: number;
  share: number;
  cap: number;
  /** Whether the database may have anything of this process. */
  isKnown: boolean;
  /** When the last renewal was begun, which is before the database knew of it. */
  askedAt: number;
  leasedAt: { readonly steady: number; readonly wall: number } | null;
  hasFailed: boolean;
  isAsking: boolean;
  idleSince: number;
  pausedUntil: number;
  alarm: { readonly at: number; readonly controller: AbortController } | null;
}

/**
 * Shares the places at storage hosts among all processes that ask them, by leases that are renewed some times a minute. What
 * is under way never exceeds what the database has for this process, and nothing is begun once its lease may have ended
 * there: the lease is timed from before it was asked for.
 */
export function createSharedPlaces(deps: SharedPlacesDeps): SharedPlaces {
  const { port, kind, owner, steadyClock, wall, sleep } = deps;
  const storages = new Map<string, Storage>();
  const stopping = new AbortController();
  let isListening = false;

  const isLeased = ({ leasedAt }: Storage) =>
    leasedAt !== null &&
    steadyClock() - leasedAt.steady < LEASE_MS - LAST_PART_MS &&
    wall() - leasedAt.wall < LEASE_MS - LAST_PART_MS;
  const usable = (storage: Storage) => (isLeased(storage) ? storage.cap : 0);
  const demandOf = ({ inFlight, waiting }: Storage) =>
    [...waiting.values()].reduce((sum, each) => sum + each, inFlight);
  const noteDemand = (storage: Storage) => {
    storage.peak = Math.max(storage.peak, demandOf(storage));
    if (demandOf(storage) > 0) storage.idleSince = steadyClock();
  };
  const admitAll = (storage: Storage, but?: () => void) => {
    for (const admit of [...storage.waiting.keys()]) if (admit !== but) admit();
  };

  /** Returns when the lease is to be renewed, or null for not at all. */
  const nextAskAt = (storage: Storage): number | null => {
    const { askedAt, granted, share, cap, limit } = storage;
    const soon = askedAt + GAP_MS;
    const demand = demandOf(storage);
    if (demand === 0 && !storage.isKnown) return null;
    if (storage.hasFailed) return askedAt + TRIED_AGAIN_AFTER_MS;
    if (demand === 0) return Math.max(soon, storage.idleSince + IDLE_MS[kind]);
    if (!storage.isKnown || cap < granted || (demand > storage.wanted && storage.wanted < limit)) return soon;
    const isShort = Math.min(demand, limit) > granted && (granted < share || share === 0);
    return askedAt + (isShort ? WAITING_EVERY_MS : RENEWED_EVERY_MS);
  };
  const plan = (storage: Storage) => {
    if (storage.isAsking || stopping.signal.aborted) return;
    const at = nextAskAt(storage);
    if (storage.alarm?.at === at) return;
    storage.alarm?.controller.abort();
    storage.alarm = null;
    if (at === null) return;
    const controller = new AbortController();
    storage.alarm = { at, controller };
    const ring = () => {
      if (storage.alarm?.controller !== controller) return;
      storage.alarm = null;
      void renew(storage);
    };
    const waitMs = at - steadyClock();
    if (waitMs <= 0) ring();
    else sleep(Math.ceil(waitMs), controller.signal).then(ring, () => undefined);
  };

  const renew = async (storage: Storage) => {
    const isIdle = demandOf(storage) === 0;
    const leasedAt = { steady: steadyClock(), wall: wall() };
    storage.isAsking = true;
    storage.askedAt = leasedAt.steady;
    storage.cap = isIdle ? 0 : storage.cap;
    storage.wanted = isIdle ? 0 : Math.min(storage.limit, Math.max(storage.peak, demandOf(storage)));
    storage.peak = demandOf(storage);
    try {
      storage.isKnown = true;
      const asked = { owner, limit: storage.limit, wants: storage.wanted, atMost: storage.cap, leaseMs: LEASE_MS };
      // Before anything is asked of a storage, what others have met there is known.
      const [{ places, share }] = await Promise.all([port.renew(storage.name, asked), isListening ? null : hear()]);
      void listen();
      storage.hasFailed = false;
      storage.leasedAt = leasedAt;
      storage.granted = places;
      storage.share = share;
      storage.isKnown = storage.wanted > 0 || places > 0;
      storage.cap = Math.min(places, Math.max(share, storage.inFlight));
    } catch {
      // Until the database answers again the lease goes on as it was, and then ends.
      storage.hasFailed = true;
    }
    storage.isAsking = false;
    admitAll(storage);
    plan(storage);
  };

  const hear = async () => {
    const asked = steadyClock();
    for (const { storage: name, leftMs } of await port.pauses(owner)) {
      const storage = storages.get(name);
      if (storage === undefined || asked + leftMs <= storage.pausedUntil) continue;
      storage.pausedUntil = asked + leftMs;
      admitAll(storage);
    }
  };
  /** Hears of pauses for as long as anything is asked of a storage. */
  const listen = async () => {
    if (isListening) return;
    isListening = true;
    for (;;) {
      await sleep(PAUSES_EVERY_MS, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted || ![...storages.values()].some(({ isKnown }) => isKnown)) break;
      await hear().catch(() => undefined);
    }
    isListening = false;
  };

  const placesAt = (storage: Storage): Places => ({
    hasFree: () => storage.inFlight < usable(storage),
    take() {
      storage.inFlight++;
      noteDemand(storage);
      plan(storage);
    },
    leave(by) {
      noteDemand(storage);
      storage.inFlight--;
      // What is beyond the fair share is used no longer once a request has ended.
      storage.cap = Math.min(storage.cap, Math.max(storage.share, storage.inFlight));
      admitAll(storage, by);
      plan(storage);
    },
    want(admit, waiting) {
      if (waiting === (storage.waiting.get(admit) ?? 0)) return;
      if (waiting === 0) storage.waiting.delete(admit);
      else storage.waiting.set(admit, waiting);
      noteDemand(storage);
      plan(storage);
    },
    narrow(limit) {
      storage.limit = Math.min(storage.limit, limit);
      storage.cap = Math.min(storage.cap, Math.max(storage.limit, storage.inFlight));
    },
    pause(forMs) {
      if (forMs <= 0) return;
      // Those who aren't told find out by themselves.
      port.pause(storage.name, owner, forMs).catch(() => undefined);
    },
    get pausedUntil() {
      return storage.pausedUntil;
    },
  });

  return {
    of(origin, limit) {
      const name = `${kind} ${origin}`;
      const storage: Storage = storages.get(name) ?? {
        ...{ name, limit, inFlight: 0, waiting: new Map(), peak: 0, wanted: 0 },
        ...{ granted: 0, share: 0, cap: 0, isKnown: false, hasFailed: false, isAsking: false },
        ...{ askedAt: Number.NEGATIVE_INFINITY, leasedAt: null, idleSince: steadyClock() },
        ...{ pausedUntil: 0, alarm: null },
      };
      storages.set(name, storage);
      return placesAt(storage);
    },
    async stop() {
      stopping.abort();
      const known = [...storages.values()].filter(({ isKnown }) => isKnown);
      for (const { alarm } of storages.values()) alarm?.controller.abort();
      const ended = known.map(async ({ name, limit }) => {
        await port.renew(name, { owner, limit, wants: 0, atMost: 0, leaseMs: 0 }).catch(() => undefined);
      });
      // They are free anyway once the lease has ended.
      const over = new AbortController();
      await Promise.race([Promise.all(ended), sleep(STOPPED_WITHIN_MS, over.signal).catch(() => undefined)]);
      over.abort();
    },
  };
}

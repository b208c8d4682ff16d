import type { Clock } from '../../domain/ports/clock.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { Storage } from './space-roster.js';

/** Knows which storage hosts are silent at present. */
export interface Silence {
  /** Returns the storage with its answers noticed. */
  listen(storage: Storage): Storage;
  /** Whether the host of this URL was asked and has not answered for a while. */
  isSilent(url: string): boolean;
  /** Returns the origins of all silent hosts. */
  origins(): readonly string[];
}

/**
 * A working host begins its answers within a second or two; a place is not reserved for one that takes longer than
 * this.
 */
const SILENT_AFTER_MS = 10_000;

/** Uses a monotonic clock: a wall clock set forward or back by a day says nothing about a host. */
export function createSilence(steadyClock: Clock = () => performance.now()): Silence {
  /** Since when each host has owed an answer. */
  const owingSince = new Map<string, number>();
  const inFlight = new Map<string, number>();

  let lacksPlaces: (url: string) => boolean = () => false;

  const ask = async <T>(origin: string, work: () => Promise<T>, isSilence: (answer: T) => boolean): Promise<T> => {
    if (!owingSince.has(origin)) owingSince.set(origin, steadyClock());
    inFlight.set(origin, (inFlight.get(origin) ?? 0) + 1);
    let isHeard = false;
    try {
      const answer = await work();
      isHeard = !isSilence(answer);
      return answer;
    } finally {
      const left = (inFlight.get(origin) ?? 1) - 1;
      if (left > 0) inFlight.set(origin, left);
      else inFlight.delete(origin);
      if (isHeard && left > 0) owingSince.set(origin, steadyClock());
      else if (isHeard) owingSince.delete(origin);
    }
  };
  const heard = (origin: string, store: RemoteStore): RemoteStore => ({
    list: (collection, signal) =>
      ask(
        origin,
        () => store.list(collection, signal),
        ({ verdict }) => !verdict.complete && verdict.failure === 'timeout',
      ),
    probe: (collection, signal) =>
      ask(
        origin,
        () => store.probe(collection, signal),
        ({ failure }) => failure === 'timeout',
      ),
    search: (signal, isFirst) =>
      ask(
        origin,
        () => store.search(signal, isFirst),
        (search) => search?.kind === 'failed' && search.failure === 'timeout',
      ),
    close: () => store.close(),
  });
  const owesTooLong = (origin: string, since: number) => {
    const isLong = steadyClock() - since >= SILENT_AFTER_MS;
    // Others have all places, so nothing was sent yet that it owes an answer.
    if (isLong && lacksPlaces(origin)) owingSince.set(origin, steadyClock());
    return isLong && owingSince.get(origin) === since;
  };

  return {
    listen(storage) {
      lacksPlaces = (url) => storage.lacksPlaces?.(url) ?? false;
      return { ...storage, open: (place) => heard(new URL(place.url).origin, storage.open(place)) };
    },
    isSilent(url) {
      const { origin } = new URL(url);
      const since = owingSince.get(origin);
      return since !== undefined && owesTooLong(origin, since);
    },
    origins: () => [...owingSince].filter(([origin, since]) => owesTooLong(origin, since)).map(([origin]) => origin),
  };
}

import { LOCK_OUT_WINDOW_MS } from '../domain/hosts/lock-out.js';
import { mustWait } from '../domain/hosts/suspension.js';
import type { SpaceSettings } from '../domain/model/space.js';
import type { Clock } from '../domain/ports/clock.js';
import type { RemoteStore } from '../domain/ports/remote-store.js';
import type { RosterEntry, Storage } from './spaces/space-roster.js';
import type { RunningSync } from './sync/sync-space.js';

/**
 * Remembers how each origin answered credentials lately. Storages lock whole addresses after a few refusals, and all
 * spaces share one: after some refusals of different spaces, credentials never accepted there wait, and proven ones go
 * on.
 */
export interface Origins {
  /** Takes in what the index knows: spaces that were synced are proven, suspended ones were refused. */
  recall(entries: Iterable<RosterEntry>): void;
  /** Forgets that settings no longer in use were good, in case they return. */
  forget(settings: SpaceSettings): void;
  /** Returns the storage with its good answers noticed. */
  listen(storage: Storage): Storage;
  /**
   * Notes that a sync of the space begins. The returned function is to be called at its end, with whether its
   * credentials were refused.
   */
  begin(settings: SpaceSettings): (isRefused: boolean) => void;
  /** Starts a sync, and notices its end. */
  track(settings: SpaceSettings, start: () => RunningSync): RunningSync;
  /** Whether the space has to wait now. */
  mustWait(settings: SpaceSettings): boolean;
  /** Whether any space may have to wait. */
  areAnyClosed(): boolean;
}

interface Origin {
  /** When each of its spaces was last refused, by URL. */
  readonly refusedAt: Map<string, number>;
  /** Spaces whose first answer is still to come, with untested credentials. */
  readonly trials: Set<string>;
}

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/**
 * Creates the memory of origins; `onProven` is called whenever credentials turn out to be good, so that others need not
 * wait.
 */
export function createOrigins(clock: Clock, onProven: () => void): Origins {
  const origins = new Map<string, Origin>();
  /** Spaces by the credentials that were accepted for them. */
  const proven = new Map<string, Set<string>>();

  const originOf = ({ url }: Place): Origin => {
    const { origin } = new URL(url);
    const its = origins.get(origin) ?? { refusedAt: new Map(), trials: new Set() };
    origins.set(origin, its);
    return its;
  };
  const isClosed = ({ refusedAt, trials }: Origin) =>
    mustWait({ refusedAt: [...refusedAt.values()], trials: trials.size }, clock());
  const keyOf = ({ url, auth, connection }: Place) => JSON.stringify([new URL(url).origin, auth, connection]);
  /** Whether a space needs no credentials, so that there are none to test. */
  const isFree = ({ auth }: Place) => auth.type === 'none';
  const isProven = (place: Place) => (proven.get(keyOf(place))?.size ?? 0) > 0;
  const prove = (place: Place) => {
    const key = keyOf(place);
    const spaces = proven.get(key) ?? new Set();
    proven.set(key, spaces.add(place.url));
  };
  const disprove = (place: Place) => {
    const spaces = proven.get(keyOf(place));
    spaces?.delete(place.url);
    if (spaces?.size === 0) proven.delete(keyOf(place));
  };
  const noteRefusal = (place: Place, at: number) => {
    const { refusedAt } = originOf(place);
    for (const [url, before] of refusedAt) if (clock() - before >= LOCK_OUT_WINDOW_MS) refusedAt.delete(url);
    refusedAt.set(place.url, at);
    disprove(place);
  };

  const heard = (place: Place, store: RemoteStore): RemoteStore => {
    let isNoticed = false;
    const notice = (isGood: boolean) => {
      if (isNoticed || !isGood) return;
      isNoticed = true;
      prove(place);
      if (originOf(place).trials.delete(place.url)) onProven();
    };
    return {
      async list(collection, signal) {
        const listing = await store.list(collection, signal);
        notice(listing.verdict.complete);
        return listing;
      },
      async probe(collection, signal) {
        const probe = await store.probe(collection, signal);
        notice(probe.presence === 'present');
        return probe;
      },
      async search(signal, isFirst) {
        const search = await store.search(signal, isFirst);
        notice(search?.kind === 'found');
        return search;
      },
      close: () => store.close(),
    };
  };

  const begin = (settings: SpaceSettings) => {
    const { trials } = originOf(settings);
    if (!(isFree(settings) || isProven(settings))) trials.add(settings.url);
    return (isRefused: boolean) => {
      trials.delete(settings.url);
      if (isRefused) noteRefusal(settings, clock());
    };
  };

  return {
    begin,
    forget: disprove,
    track(settings, start) {
      const end = begin(settings);
      const running = start();
      const outcome = running.outcome.then(
        (ended) => {
          end(ended?.isUnauthorized === true);
          return ended;
        },
        (error: unknown) => {
          end(false);
          throw error;
        },
      );
      return { ...running, outcome };
    },
    recall(entries) {
      for (const { space, settings } of entries) {
        if (space.trouble?.kind === 'unauthorized') noteRefusal(settings, space.trouble.at);
        else if (space.lastSyncAt !== null) prove(settings);
      }
    },
    listen: (storage) => ({ ...storage, open: (place) => heard(place, storage.open(place)) }),
    mustWait: (settings) => !isFree(settings) && isClosed(originOf(settings)) && !isProven(settings),
    areAnyClosed: () => [...origins.values()].some(isClosed),
  };
}

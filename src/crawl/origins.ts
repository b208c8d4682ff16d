import { mustWait, withRefusal } from '../domain/hosts/suspension.js';
import type { SpaceSettings } from '../domain/model/space.js';
import type { Clock } from '../domain/ports/clock.js';
import type { RemoteStore } from '../domain/ports/remote-store.js';
import type { Roster, RosterEntry, Storage } from './spaces/space-roster.js';
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
  /**
   * Returns the ids of all spaces of a roster that have to wait now, in a time that depends on their number alone: it is asked
   * for with each claim.
   */
  waiting(roster: Places): readonly number[];
}

/** Who is crawled where; the settings are the same array until that changes. */
type Places = Pick<Roster, 'settings' | 'entries'>;

interface Origin {
  /** When its spaces were last refused, by URL: see `withRefusal`. */
  refusedAt: ReadonlyMap<string, number>;
  /** Spaces whose first answer is still to come, with untested credentials. */
  readonly trials: Set<string>;
}

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** The spaces of a roster that need credentials. */
interface Guarded {
  readonly settings: readonly SpaceSettings[];
  /** Their ids by their credentials, as `keyOf` names them. */
  readonly spaces: ReadonlyMap<string, readonly number[]>;
  /** By origin, those of the credentials that were never accepted or were refused since. */
  readonly unproven: ReadonlyMap<string, Set<string>>;
}

/**
 * Creates the memory of origins; `onProven` is called whenever credentials turn out to be good, so that others need not
 * wait.
 */
export function createOrigins(clock: Clock, onProven: () => void): Origins {
  const origins = new Map<string, Origin>();
  /** Spaces by the credentials that were accepted for them. */
  const proven = new Map<string, Set<string>>();

  let guarded: Guarded = { settings: [], spaces: new Map(), unproven: new Map() };

  const originOf = ({ url }: Place): Origin => {
    const { origin } = new URL(url);
    const its = origins.get(origin) ?? { refusedAt: new Map<string, number>(), trials: new Set<string>() };
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
    guarded.unproven.get(new URL(place.url).origin)?.delete(key);
  };
  const disprove = (place: Place) => {
    const key = keyOf(place);
    const spaces = proven.get(key);
    spaces?.delete(place.url);
    if (spaces?.size !== 0) return;
    proven.delete(key);
    guarded.unproven.get(new URL(place.url).origin)?.add(key);
  };
  const noteRefusal = (place: Place, at: number) => {
    const its = originOf(place);
    its.refusedAt = withRefusal(its.refusedAt, { url: place.url, at }, clock());
    disprove(place);
  };
  const guardedOf = (roster: Places): Guarded => {
    const spaces = new Map<string, number[]>();
    const unproven = new Map<string, Set<string>>();
    for (const { space, settings } of roster.entries()) {
      if (isFree(settings)) continue;
      const { origin } = new URL(settings.url);
      const key = keyOf(settings);
      const keys = unproven.get(origin) ?? new Set();
      unproven.set(origin, isProven(settings) ? keys : keys.add(key));
      const its = spaces.get(key);
      if (its === undefined) spaces.set(key, [space.id]);
      else its.push(space.id);
    }
    return { settings: roster.settings(), spaces, unproven };
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
    waiting(roster) {
      const closed = [...origins].filter(([, its]) => isClosed(its));
      if (closed.length === 0) return [];
      if (guarded.settings !== roster.settings()) guarded = guardedOf(roster);
      return closed.flatMap(([origin]) =>
        [...(guarded.unproven.get(origin) ?? [])].flatMap((key) => guarded.spaces.get(key) ?? []),
      );
    },
  };
}

import type { SpaceSettings } from '../../domain/model/space.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Storage } from '../spaces/space-roster.js';
import type { LookBudget } from './look-planner.js';

/** How quickly storages list collections. */
export interface StorageTimes {
  /** Returns the storage with its answers timed. */
  listen(storage: Storage): Storage;
  /** Returns the time that a listing has taken lately, in seconds, waiting for its turn included. */
  secondsOf(origin: string): number;
}

/** Before anything is known: a Nextcloud takes 40 ms, a file server less. */
const USUAL_SECONDS = 0.05;
/** The last hundred answers count for two thirds. */
const NEWEST_SHARE = 0.01;
/** A quicker answer is one of a test, or of this very machine. */
const LEAST_SECONDS = 0.001;

export function createStorageTimes(steadyClock: Clock = () => performance.now()): StorageTimes {
  const seconds = new Map<string, number>();
  const secondsOf = (origin: string) => seconds.get(origin) ?? USUAL_SECONDS;
  return {
    secondsOf,
    listen: (storage) => ({
      ...storage,
      open(place) {
        const { origin } = new URL(place.url);
        const store = storage.open(place);
        return {
          ...store,
          async list(collection, signal) {
            const askedAt = steadyClock();
            const listing = await store.list(collection, signal);
            const took = Math.max(LEAST_SECONDS, (steadyClock() - askedAt) / 1_000);
            // What fails at once says nothing of what the storage bears; what fails late says it all the same.
            const before = secondsOf(origin);
            if (listing.verdict.complete || took > before) {
              seconds.set(origin, before + (took - before) * NEWEST_SHARE);
            }
            return listing;
          },
        };
      },
    }),
  };
}

/**
 * What a storage bears beside its users: looks keep half a request in flight there on average, which is half of what
 * one client gets that asks one request after the other. A storage that slows down is looked at less.
 */
const REQUESTS_IN_FLIGHT = 0.5;

/** Returns what looks may take: a number of requests a second, or what each storage bears. */
export function lookBudget(
  budget: number | 'auto',
  times: StorageTimes,
  settings: () => readonly SpaceSettings[],
): LookBudget {
  let known: readonly SpaceSettings[] | null = null;
  let origins = new Map<string, string>();
  return {
    originOf(user) {
      if (known !== settings()) {
        known = settings();
        origins = new Map(known.map((each) => [each.user, new URL(each.url).origin]));
      }
      return origins.get(user);
    },
    requestsPerSecond: (origin) => (budget === 'auto' ? REQUESTS_IN_FLIGHT / times.secondsOf(origin) : budget),
    decides: budget === 'auto' ? 'dear' : 'all',
  };
}

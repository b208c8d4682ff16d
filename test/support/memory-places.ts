import { type PlaceHolder, renewPlaces } from '../../src/domain/hosts/places.js';
import type { Clock } from '../../src/domain/ports/clock.js';
import type { StoragePlaces } from '../../src/domain/ports/storage-places.js';

/** What hosts know of storages, kept in memory. */
export function createMemoryPlaces(clock: Clock): StoragePlaces {
  const holders = new Map<string, readonly PlaceHolder[]>();
  const pauses = new Map<string, { readonly owner: string; readonly until: number }>();
  return {
    async renew(storage, asked) {
      const now = clock();
      const rows = holders.get(storage) ?? [];
      const { holder, places, share } = renewPlaces(asked, rows, now);
      const others = rows.filter(({ owner, until }) => owner !== asked.owner && until > now);
      holders.set(storage, holder === null ? others : [...others, holder]);
      return { places, share };
    },
    async pause(storage, owner, forMs) {
      const until = clock() + forMs;
      if ((pauses.get(storage)?.until ?? 0) < until) pauses.set(storage, { owner, until });
    },
    pauses: async (asking) =>
      [...pauses].flatMap(([storage, { owner, until }]) =>
        owner === asking || until <= clock() ? [] : [{ storage, leftMs: until - clock() }],
      ),
  };
}

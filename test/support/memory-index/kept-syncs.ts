import type { Sync } from '../../../src/domain/model/sync.js';

/** Syncs by id, in the order they were filed, with those at hand that are asked for over and over. */
export interface KeptSyncs {
  get(id: number): Sync | undefined;
  /** Puts a sync in, or in place of what it was. */
  put(sync: Sync): void;
  delete(id: number): void;
  values(): IterableIterator<Sync>;
  /** Those that wait or run. */
  unfinished(): IterableIterator<Sync>;
  ofSpace(spaceId: number): readonly Sync[];
}

/** A day of hundreds of spaces has some ten thousand syncs, of which a few wait. */
export function createKeptSyncs(): KeptSyncs {
  const all = new Map<number, Sync>();
  const unfinished = new Map<number, Sync>();
  const bySpace = new Map<number, Map<number, Sync>>();
  const placeOf = (spaceId: number): Map<number, Sync> => {
    const place = bySpace.get(spaceId) ?? new Map<number, Sync>();
    bySpace.set(spaceId, place);
    return place;
  };
  return {
    get: (id) => all.get(id),
    put(sync) {
      all.set(sync.id, sync);
      placeOf(sync.spaceId).set(sync.id, sync);
      if (sync.status === 'PENDING' || sync.status === 'IN_PROGRESS') unfinished.set(sync.id, sync);
      else unfinished.delete(sync.id);
    },
    delete(id) {
      const sync = all.get(id);
      all.delete(id);
      unfinished.delete(id);
      if (sync !== undefined) placeOf(sync.spaceId).delete(id);
    },
    values: () => all.values(),
    unfinished: () => unfinished.values(),
    ofSpace: (spaceId) => [...placeOf(spaceId).values()],
  };
}

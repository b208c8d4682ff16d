/** The ids of a list in ascending order, with their places in it. */
export interface PlacesById {
  readonly bytes: number;
  /** Returns the place of an id; undefined if it isn't in the list. */
  placeOf(id: number): number | undefined;
}

/** Ids of a bucket, on average: what is compared lies in a line of the processor's cache or two. */
const BITS_OF_BUCKET = 4;

/**
 * Makes them of ids in ascending order and their places. Ids are sought in the bucket of their leading bits, in 0.1 µs: halving all of
 * 1,000,000 takes ten times as long, since nearly each step has to wait for the memory.
 */
export function createPlacesById(ids: Uint32Array, places: Uint32Array): PlacesById {
  const count = ids.length;
  const least = ids[0] ?? 0;
  const spread = (ids[count - 1] ?? 0) - least;
  const shift = Math.max(0, Math.ceil(Math.log2((spread + 1) / Math.max(1, count))) + BITS_OF_BUCKET);
  const width = 2 ** shift;
  const starts = new Uint32Array(Math.floor(spread / width) + 2).fill(count);
  for (let rank = count - 1; rank >= 0; rank--) starts[Math.floor(((ids[rank] ?? 0) - least) / width)] = rank;
  // An empty bucket ends where it begins.
  for (let bucket = starts.length - 2; bucket >= 0; bucket--) {
    starts[bucket] = Math.min(starts[bucket] ?? count, starts[bucket + 1] ?? count);
  }
  return {
    bytes: ids.byteLength + places.byteLength + starts.byteLength,
    placeOf(id) {
      const bucket = Math.floor((id - least) / width);
      if (bucket < 0 || bucket > starts.length - 2) return undefined;
      let [from, to] = [starts[bucket] ?? 0, starts[bucket + 1] ?? 0];
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((ids[middle] ?? 0) < id) from = middle + 1;
        else to = middle;
      }
      return ids[from] === id ? places[from] : undefined;
    },
  };
}

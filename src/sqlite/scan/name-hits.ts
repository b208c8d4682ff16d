import type { ChangedNames } from './changed-names.js';
import { NAMES_OF_BLOCK } from './name-table.js';
import type { NameTexts } from './name-texts.js';

/** The images of a list whose names meet some requirements, in its order. */
export interface NameHits {
  readonly total: number;
  /** Returns the ids of a part of them. */
  ids(from: number, to: number): readonly number[];
  /** Counts those up to a position in the list. */
  countUpTo(position: number): number;
}

/** Finds images by a look at all names. */
export function scanNames(names: ChangedNames, texts: NameTexts): NameHits {
  const { table, gone, added } = names;
  // What precedes the first place has a negative position.
  const blockOf = (position: number) => Math.max(0, Math.floor(position / NAMES_OF_BLOCK));
  const found = added.filter(({ name }) => texts.matches(name));
  const counts = table.countsOf(texts).slice();
  const count = (block: number, more: number) => {
    counts[block] = (counts[block] ?? 0) + more;
  };
  for (const place of gone) if (texts.matches(table.keyAt(place))) count(blockOf(place), -1);
  for (const { position } of found) count(blockOf(position), 1);
  /** The positions of those in a block. */
  const positionsIn = (block: number): Float64Array => {
    const places = table.placesIn(block, texts).filter((place) => !gone.has(place));
    const others = found.filter(({ position }) => blockOf(position) === block).map(({ position }) => position);
    return others.length === 0 ? Float64Array.from(places) : Float64Array.from([...places, ...others]).sort();
  };
  const idAt = idsByPosition(names);
  return {
    total: counts.reduce((sum, some) => sum + some, 0),
    ids(from, to) {
      const ids: number[] = [];
      let before = 0;
      for (const [block, some] of counts.entries()) {
        if (before + some > from && before < to) {
          const positions = positionsIn(block).subarray(Math.max(0, from - before), Math.max(0, to - before));
          for (const position of positions) ids.push(idAt(position));
        }
        before += some;
      }
      return ids;
    },
    countUpTo(position) {
      const block = blockOf(position);
      const before = counts.subarray(0, block).reduce((sum, some) => sum + some, 0);
      return before + countOf(positionsIn(block), position);
    },
  };
}

/** Finds images among these, which are known to include all whose names meet the requirements. */
export function hitsAmong(names: ChangedNames, texts: NameTexts, candidates: readonly number[]): NameHits {
  const { table, gone, added } = names;
  const addedOf = new Map(added.map((each) => [each.id, each]));
  const positions = new Float64Array(candidates.length);
  let total = 0;
  for (const id of candidates) {
    const place = table.placeOf(id);
    if (place !== undefined && !gone.has(place)) {
      if (texts.matches(table.keyAt(place))) positions[total++] = place;
      continue;
    }
    const other = addedOf.get(id);
    if (other !== undefined && texts.matches(other.name)) positions[total++] = other.position;
  }
  const sorted = positions.subarray(0, total).sort();
  const idAt = idsByPosition(names);
  return {
    total,
    ids: (from, to) => Array.from(sorted.subarray(from, to), idAt),
    countUpTo: (position) => countOf(sorted, position),
  };
}

function idsByPosition({ table, added }: ChangedNames): (position: number) => number {
  const others = new Map(added.map(({ id, position }) => [position, id]));
  return (position) => others.get(position) ?? table.ids[position] ?? 0;
}

/** Counts the positions up to this one. */
function countOf(positions: Float64Array, position: number): number {
  let [from, to] = [0, positions.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((positions[middle] ?? 0) <= position) from = middle + 1;
    else to = middle;
  }
  return from;
}

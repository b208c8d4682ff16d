import type { Database } from 'better-sqlite3';
import type { SortKey } from '../../domain/lists/image-list.js';
import type { KeyTerm } from '../../domain/lists/order.js';
import { inPieces, sortPlaces } from '../lists/radix-sort.js';
import { COLUMN_OF_KEY } from './image-rows.js';

/** Numbers that the index of what is shown has. */
const NUMBERS: ReadonlySet<SortKey> = new Set<SortKey>([
  ...(['id', 'sizeBytes', 'createdAt', 'updatedAt', 'modifiedAt', 'cpus', 'memoryMib', 'diskCount'] as const),
]);
/** Each takes 8 bytes an image while a list is ordered, and hardly anybody orders by more. */
const MOST_NUMBERS = 2;

/** An order of images by numbers, which no index has. */
export interface NumberOrder {
  /** The first numbers that are compared. */
  readonly numbers: readonly KeyTerm<SortKey>[];
  /** Whether the rest of the order is that by name, else it is that by path; both in ascending order. */
  readonly isByName: boolean;
}

/** Returns what an order that ascends at its end compares, if that is some numbers before a name or a path; else null. */
export function numberOrder(order: readonly KeyTerm<SortKey>[]): NumberOrder | null {
  const end = order.findIndex(({ key }) => !NUMBERS.has(key));
  const rest = order.slice(end);
  const keys = rest.map(({ key }) => key).join();
  if (end < 1 || end > MOST_NUMBERS || rest.some(({ direction }) => direction === 'desc')) return null;
  if (keys !== 'path' && keys !== 'nameKey,name,path') return null;
  return { numbers: order.slice(0, end), isByName: keys !== 'path' };
}

/** Rows that are read between two pauses: some 3 ms. */
const ROWS = 10_000;
/** Up to so many images with the same numbers as others are looked up to be ordered by path, 2.5 µs each; else all paths are read, 0.14 µs each. */
const FEW_ALIKE = 50_000;
/** Images that are looked up between two pauses, about: 3 ms. */
const AT_ONCE = 1_000;
/** Ids that lie no farther apart than this, on average, are found by a table. */
const SPREAD = 8;
/** Stands for no place and no position; as an id, it is larger than any that fits. */
const ALONE = 2 ** 32 - 1;

/** Images by their places, which are sorted by their numbers. */
interface Sorted {
  readonly places: Uint32Array<ArrayBuffer>;
  readonly ids: Float64Array;
  readonly first: Float64Array;
  /** Empty if one number is compared. */
  readonly second: Float64Array;
}

/** Selects the images of a space for `take_numbers`, ordered by name. */
export const numbersSql = ([
  first = '0',
  second = '0',
]: readonly string[]) => `SELECT 1 FROM images INDEXED BY images_shown
  WHERE images.space = ? AND images.missing_since IS NULL AND take_numbers(images.id, ${first}, ${second})
  ORDER BY images.name_key, images.name, images.path`;
/** Selects the images of a space for `take_id`, tombstones among them, ordered by path. */
export const BY_PATH_SQL = 'SELECT 1 FROM images WHERE images.space = ? AND take_id(images.id) ORDER BY images.path';
const SOME_BY_PATH_SQL = 'SELECT id FROM images WHERE id IN (SELECT value FROM json_each(?)) ORDER BY path';

/**
 * Returns the ids of all images of a space in an order by numbers, with a pause every few milliseconds; null if they are more or
 * fewer than were counted, or an id has more than 32 bits. Everything is read over one connection that is in a transaction.
 *
 * SQLite hands each row to a function of ours, which returns true where a pause is due: 0.26 µs a row. Fetching the rows takes 0.55 to
 * 0.75 µs, slice by slice as texts of `group_concat` 0.34. Then places are sorted by their numbers, and alike ones by path; by name
 * there is nothing left to do, as rows come in that order. Of 1,000,000 images all takes 0.31 s by name,
 * 0.33 to 0.43 s with few alike ones, and 0.55 s if all are alike to many.
 */
export function* orderImages(
  db: Database,
  spaceId: number,
  { numbers, isByName }: NumberOrder,
  images: number,
): Generator<void, Uint32Array<ArrayBuffer> | null> {
  const ids = new Float64Array(images);
  const [first, second] = [new Float64Array(images), new Float64Array(numbers.length > 1 ? images : 0)];
  let count = 0;
  let isEachSmall = true;
  db.function('take_numbers', (id: number, one: number, other: number) => {
    isEachSmall &&= id < ALONE;
    ids[count] = id;
    first[count] = one;
    second[count] = other;
    count++;
    return isDue(count);
  });
  yield* pauses(db, numbersSql(numbers.map(({ key }) => COLUMN_OF_KEY[key])), spaceId);
  if (count !== images || !isEachSmall) return null;

  let places = new Uint32Array(count);
  yield* inPieces(count, (from, to) => {
    for (let i = from; i < to; i++) places[i] = i;
  });
  const [one, other] = numbers;
  if (other !== undefined) places = yield* sortPlaces(places, second, other.direction === 'desc');
  places = yield* sortPlaces(places, first, one?.direction === 'desc');
  if (!isByName) yield* orderAlike(db, spaceId, { places, ids, first, second });
  const ordered = new Uint32Array(count);
  yield* inPieces(count, (from, to) => {
    for (let i = from; i < to; i++) ordered[i] = ids[places[i] ?? 0] ?? 0;
  });
  return ordered;
}

function isDue(count: number): 0 | 1 {
  return count % ROWS === 0 ? 1 : 0;
}

function* pauses(db: Database, sql: string, spaceId: number): Generator<void, void> {
  for (const _row of db.prepare<[number], unknown>(sql).iterate(spaceId)) yield;
}

/**
 * Orders images that are sorted by their numbers by path, too, where all numbers are the same: each goes to the next position of
 * those with the same numbers, as they are met in the order of paths.
 */
function* orderAlike(db: Database, spaceId: number, { places, ids, first, second }: Sorted): Generator<void, void> {
  const count = places.length;
  /** For the place of an image that is like others: the first position of them, else `ALONE`. */
  const startOf = new Uint32Array(count).fill(ALONE);
  let alike = 0;
  let mostAlike = 0;
  yield* inPieces(count, (from, to) => {
    for (let i = Math.max(1, from); i < to; i++) {
      const [before, place] = [places[i - 1] ?? 0, places[i] ?? 0];
      if (first[before] !== first[place] || second[before] !== second[place]) continue;
      const known = startOf[before] ?? ALONE;
      const start = known === ALONE ? i - 1 : known;
      startOf[before] = start;
      startOf[place] = start;
      alike += known === ALONE ? 2 : 1;
      mostAlike = Math.max(mostAlike, i + 1 - start);
    }
  });
  const filled = new Uint32Array(count);
  const put = (place: number) => {
    const start = startOf[place] ?? ALONE;
    if (start === ALONE) return;
    const of = filled[start] ?? 0;
    places[start + of] = place;
    filled[start] = of + 1;
  };

  if (alike > FEW_ALIKE || mostAlike > AT_ONCE) {
    const placeOf = yield* placesByIds(ids);
    let read = 0;
    db.function('take_id', (id: number) => {
      const place = placeOf(id);
      if (place !== undefined) put(place);
      read++;
      return isDue(read);
    });
    yield* pauses(db, BY_PATH_SQL, spaceId);
    return;
  }
  const few = new Uint32Array(alike);
  let collected = 0;
  yield* inPieces(count, (from, to) => {
    for (let i = from; i < to; i++) {
      const place = places[i] ?? 0;
      if (startOf[place] !== ALONE) few[collected++] = place;
    }
  });
  const selectByPath = db.prepare<[string], number>(SOME_BY_PATH_SQL).pluck();
  let some = new Map<number, number>();
  const putSome = () => {
    for (const id of selectByPath.all(JSON.stringify([...some.keys()]))) put(some.get(id) ?? 0);
    some = new Map();
  };
  let last = ALONE;
  for (const place of few) {
    const start = startOf[place] ?? ALONE;
    if (start !== last && some.size >= AT_ONCE) {
      putSome();
      yield;
    }
    last = start;
    some.set(ids[place] ?? 0, place);
  }
  putSome();
}

/** Returns what finds the place of an id; undefined for other ids. */
function* placesByIds(ids: Float64Array): Generator<void, (id: number) => number | undefined> {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  yield* inPieces(ids.length, (from, to) => {
    for (let i = from; i < to; i++) {
      least = Math.min(least, ids[i] ?? 0);
      most = Math.max(most, ids[i] ?? 0);
    }
  });
  const isDense = most - least < SPREAD * ids.length;
  const table = new Uint32Array(isDense ? most - least + 1 : 0).fill(ALONE);
  const map = new Map<number, number>();
  yield* inPieces(ids.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (isDense) table[(ids[i] ?? 0) - least] = i;
      else map.set(ids[i] ?? 0, i);
    }
  });
  if (!isDense) return (id) => map.get(id);
  return (id) => {
    const place = table[id - least];
    return place === ALONE ? undefined : place;
  };
}

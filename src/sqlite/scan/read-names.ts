import type { Database } from 'better-sqlite3';
import { inPieces, sortPlaces } from '../lists/radix-sort.js';
import { createNameTable, NAMES_OF_BLOCK, type NameBlock, type NameTable, nameBlock } from './name-table.js';
import { bytesOf } from './name-texts.js';
import { createPlacesById } from './places-by-id.js';

/** Names that are read between two pauses: some 4 ms. */
const NAMES = 8_192;
/** Larger ids don't fit. */
const MOST_ID = 2 ** 32 - 1;
// Other characters have more bytes than one.
const ASCII = /^[\0-\x7f]*$/;

/** Selects the images of a space for `take_name`, ordered by name. */
export const NAMES_SQL = `SELECT 1 FROM images INDEXED BY images_shown
  WHERE images.space = ? AND images.missing_since IS NULL AND take_name(images.id, images.name_key)
  ORDER BY images.name_key, images.name, images.path`;

/**
 * Reads the names of all images of a space, with a pause every few milliseconds; null if they are more or fewer than were counted, an
 * id has more than 32 bits, or they would take more than so many bytes. Everything is read over one connection that is in a
 * transaction. As in `orderImages`, SQLite hands each row to a function: 0.4 µs a name; putting them in the order of their ids takes
 * some 0.1 µs.
 */
export function* readNames(
  db: Database,
  spaceId: number,
  images: number,
  atMostBytes: number,
): Generator<void, NameTable | null> {
  const ids = new Uint32Array(images);
  const blocks: NameBlock[] = [];
  let keys: string[] = [];
  let count = 0;
  let bytes = 3 * ids.byteLength;
  let isFitting = true;
  const endBlock = () => {
    const block = nameBlock(keys);
    blocks.push(block);
    bytes += block.text.length + block.ends.byteLength;
    keys = [];
  };
  db.function('take_name', (id: number, key: string) => {
    isFitting &&= id <= MOST_ID;
    ids[count] = id;
    keys.push(ASCII.test(key) ? key : bytesOf(key));
    count++;
    if (keys.length === NAMES_OF_BLOCK) endBlock();
    return count % NAMES === 0 ? 1 : 0;
  });
  for (const _row of db.prepare<[number], unknown>(NAMES_SQL).iterate(spaceId)) {
    if (!isFitting || bytes > atMostBytes || count > images) return null;
    yield;
  }
  if (keys.length > 0) endBlock();
  if (!isFitting || bytes > atMostBytes || count !== images) return null;

  const places = new Uint32Array(count);
  const numbers = new Float64Array(count);
  yield* inPieces(count, (from, to) => {
    for (let i = from; i < to; i++) {
      places[i] = i;
      numbers[i] = ids[i] ?? 0;
    }
  });
  const byId = yield* sortPlaces(places, numbers);
  const sorted = new Uint32Array(count);
  yield* inPieces(count, (from, to) => {
    for (let i = from; i < to; i++) sorted[i] = ids[byId[i] ?? 0] ?? 0;
  });
  return createNameTable(blocks, ids, createPlacesById(sorted, byId));
}

import type { Database } from 'better-sqlite3';

/** Keeps the trigram index in step with the images; each call runs in its caller's transaction. */
export interface NameIndex {
  /** Adds new images, once there are enough of them. */
  extend(): void;
  /** Removes these images, whose rows still exist, from the index. */
  remove(ids: readonly number[]): void;
}

/**
 * Up to this many images are searched one by one, as they aren't in the trigram index yet: some 0.3 ms. Adding this
 * many at once makes a first crawl's commits about a fifth longer, which is 2 µs an image; triggers, which write a
 * segment with every image, would make them three times as long.
 */
const EXTEND_FROM = 2_048;
/** Images added at once: some 30 ms, so that nobody waits longer for the commit. */
const EXTEND_AT_MOST = 20_000;

/**
 * The trigram that stands for a space: three private-use characters with 12 bits each. A name that contains the same is
 * found in vain, which does no harm.
 */
export const SPACE_TRIGRAM =
  'char(0xF0000 + (space >> 24 & 4095), 0xF0000 + (space >> 12 & 4095), 0xF0000 + (space & 4095))';

export function spaceTrigram(spaceId: number): string {
  const high = Math.floor(spaceId / 2 ** 24);
  return String.fromCodePoint(...[high, spaceId >> 12, spaceId].map((bits) => 0xf0000 + (bits & 4095)));
}

export function createNameIndex(db: Database): NameIndex {
  const selectExtent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck();
  const selectLast = db.prepare<[], number | null>('SELECT max(id) FROM images').pluck();
  const insert = db.prepare<[number, number]>(
    `INSERT INTO image_trigrams (rowid, name_key, space)
     SELECT id, name_key, ${SPACE_TRIGRAM} FROM images WHERE id > ? AND id <= ? ORDER BY id`,
  );
  const noteExtent = db.prepare<[number]>('UPDATE trigram_extent SET last_image = ?');
  // FTS5 keeps no text of its own and has to be told what is removed.
  const remove = db.prepare<[string, number]>(
    `INSERT INTO image_trigrams (image_trigrams, rowid, name_key, space)
     SELECT 'delete', id, name_key, ${SPACE_TRIGRAM} FROM images
     WHERE id IN (SELECT value FROM json_each(?)) AND id <= ?`,
  );

  return {
    extend: () => {
      const extent = selectExtent.get() ?? 0;
      const last = selectLast.get() ?? 0;
      if (last - extent < EXTEND_FROM) return;
      const next = Math.min(last, extent + EXTEND_AT_MOST);
      insert.run(extent, next);
      noteExtent.run(next);
    },
    remove: (ids) => void remove.run(JSON.stringify(ids), selectExtent.get() ?? 0),
  };
}

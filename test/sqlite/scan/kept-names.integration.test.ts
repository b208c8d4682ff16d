import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anchorAt, cursorAt } from '../../../src/domain/lists/cursor.js';
import {
  compareImages,
  type ImageQuery,
  keyOf,
  matchesImage,
  parseImageFilter,
  parseSort,
  totalOrder,
} from '../../../src/domain/lists/image-list.js';
import { type Image, nameKey } from '../../../src/domain/model/image.js';
import { SPACE_TRIGRAM } from '../../../src/sqlite/names/name-index.js';
import { createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { createKeptNames, type KeptNames } from '../../../src/sqlite/scan/kept-names.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

type Catalogue = ReturnType<typeof createImageCatalogue>;

const IMAGES = 10_400;
/** Turns of the event loop in which the names of so many images are read. */
const TURNS = 50;
/** Parts of names: with characters of more bytes than one, which lower case shortens, and such as UTF-8 ends others with. */
const PARTS = ['Ubuntu', 'ubuntu', 'Straße', 'STRASSE', 'İ', 'e\u0301', 'ÿ', '日本', '😀', 'ova', '_%', 'a'];

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
let catalogue: Catalogue;
/** As it is before each test: to fill it takes longer than most of them. */
let filled: Buffer | undefined;
beforeEach(async () => {
  index = await makeSqliteIndex({ bytes: filled });
  index.db.function('key_of', (text) => nameKey(`${text}`));
  index.db.function('part', (i) => PARTS[Number(i) % PARTS.length] ?? '');
  if (filled === undefined) {
    fill();
    filled = index.db.serialize();
  }
  catalogue = createImageCatalogue(index.db);
});
afterEach(() => index.close());

const nameSql = (i: string) =>
  `part(${i} * 7) || '-' || part(${i} * 31 / 11) || '-' || (${i} * 7919 % 997) || part(${i} / 40) || '.ova'`;

/** Fills the spaces of jm and lab, whose ids alternate, with images of which some have the same name; of jm's some are tombstones. */
function fill(): void {
  index.db.exec(`
    INSERT INTO spaces (id, user, url, added_at, revision) VALUES (1, 'jm', 'http://jm.test/', 0, 1), (2, 'lab', 'http://lab.test/', 0, 1);
    INSERT INTO collections (id, space, path) VALUES (1, 1, ''), (2, 2, '')`);
  insert(2 * IMAGES, 'i % 2 + 1');
  index.db.exec(`
    UPDATE images SET missing_since = 1 WHERE id % 900 < 10;
    INSERT INTO image_trigrams (rowid, name_key, space) SELECT id, name_key, ${SPACE_TRIGRAM} FROM images ORDER BY id;
    UPDATE trigram_extent SET last_image = (SELECT max(id) FROM images)`);
  count();
}

function insert(images: number, space = '1'): void {
  index.db.exec(`
    INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at, changed_in)
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${images - 1}),
        named AS (SELECT i, (SELECT coalesce(max(id), 0) FROM images) + i AS at, ${nameSql('i')} AS name FROM n)
      SELECT ${space}, ${space}, (at * 31 % 101) || '/' || at || '/' || name, name, key_of(name), i % 7, 1, 1,
        (SELECT revision FROM spaces WHERE id = 1) FROM named`);
}

function count(): void {
  index.db.exec(
    'UPDATE spaces SET images = (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL)',
  );
}

/** A commit to the space of jm. */
function commit(work: () => void): void {
  index.db.transaction(() => {
    index.db.exec('UPDATE spaces SET revision = revision + 1 WHERE id = 1');
    work();
    count();
  })();
}

function change(set: string, where: string): void {
  commit(() => {
    // As for any image that gets another name: the trigram index is told.
    const some = `FROM images WHERE space = 1 AND ${where} AND id <= (SELECT last_image FROM trigram_extent)`;
    const columns = `id, name_key, ${SPACE_TRIGRAM}`;
    index.db.exec(`
      CREATE TEMP TABLE changing AS SELECT id ${some};
      INSERT INTO image_trigrams (image_trigrams, rowid, name_key, space)
        SELECT 'delete', ${columns} FROM images WHERE id IN (SELECT id FROM temp.changing);
      UPDATE images SET ${set}, changed_in = (SELECT revision FROM spaces WHERE id = 1) WHERE space = 1 AND ${where};
      INSERT INTO image_trigrams (rowid, name_key, space)
        SELECT ${columns} FROM images WHERE id IN (SELECT id FROM temp.changing);
      DROP TABLE temp.changing`);
  });
}

const ask = async (text: string, rest: Partial<ImageQuery> = {}) => {
  const found = await catalogue.images('jm', { nameContains: [text], sort: parseSort('name'), ...rest });
  if (found === null) throw new Error('there is no such space');
  return found;
};
const pageAt = (number: number, size: number) => ({ page: { number, size, cursor: null } });
const wholeList = async () =>
  (await createImageCatalogue(index.db).images('jm', { nameContains: [], sort: parseSort('name') }))?.images ?? [];

/** Searches until the names of jm are in memory. */
async function learn(): Promise<void> {
  for (let searches = 0; searches < 2; searches++) await ask('ubuntu', pageAt(1, 1));
  for (let turns = 0; turns < TURNS; turns++) await setImmediate();
}

/** Counts the statements that count all images with one more text than any has asked for before. */
function countCounts(): { readonly texts: readonly string[]; readonly counts: () => number } {
  const prepare = vi.spyOn(index.db, 'prepare');
  return {
    texts: ['u', 'a', 'o', 'v'],
    counts: () => prepare.mock.calls.filter(([sql]) => /^SELECT count\(\*\).*(instr.*){4}/s.test(`${sql}`)).length,
  };
}

const SORTS = ['name', 'name,desc', 'path', 'size;name'];
const anyText = fc.oneof(
  fc.constantFrom(...PARTS, '.OVA', '-', 'ub', 'tu-ub', '-77', '9ubuntu', 'e', '\u0301', '\ufffd', 'a.ova', '\0', '\n'),
  fc.tuple(fc.constantFrom(...PARTS), fc.nat(99)).map(([part, number]) => `${part}-${number}`),
);
const anyQuery = fc.record({
  nameContains: fc.array(anyText, { minLength: 1, maxLength: 2 }),
  filter: fc.constantFrom('', '', 'name,like,%ubuntu%a%', 'name,like,u%', 'size,gt,3').map(parseImageFilter),
  sort: fc.constantFrom(...SORTS).map(parseSort),
});

/** Holds the answers to a query, whole, by pages and beside cursors, against the definition. */
async function expectDefined(query: ImageQuery, at: number): Promise<void> {
  const all = await wholeList();
  const expected = all.filter((each) => matchesImage(query, each)).sort(compareImages(query.sort));
  const images = async (page?: ImageQuery['page']) =>
    catalogue.images('jm', page === undefined ? query : { ...query, page });
  expect((await images())?.images.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
  const size = 17;
  const last = Math.max(1, Math.ceil(expected.length / size));
  for (const number of [1, Math.ceil(last / 2), last, last + 1]) {
    const found = await images({ number, size, cursor: null });
    expect(found?.images).toEqual(expected.slice((number - 1) * size, number * size));
    expect(found?.place.total).toBe(expected.length);
  }
  const row = all[at % all.length] as Image;
  const order = totalOrder(query.sort);
  const compare = compareImages(query.sort);
  const after = expected.filter((each) => compare(each, row) > 0);
  const before = expected.filter((each) => compare(each, row) < 0);
  for (const [side, rest] of [
    ['after', after.slice(0, size)],
    ['before', before.slice(-size)],
  ] as const) {
    const cursor = cursorAt(side, order, keyOf, row);
    for (const each of [cursor, anchorAt(cursor, row.id)]) {
      const found = await images({ number: 2, size, cursor: each });
      expect(found?.images).toEqual(rest);
      expect(found?.place).toEqual({
        total: expected.length,
        hasBefore: side === 'after' ? expected.length > 0 : before.length > size,
        hasAfter: side === 'before' ? expected.length > 0 : after.length > size,
      });
    }
  }
}

describe('names in memory', () => {
  it('answer what the definition says, whatever was committed since they were read', { timeout: 60_000 }, async () => {
    await learn();
    const anyIds = fc.tuple(fc.integer({ min: 1, max: 2 * IMAGES }), fc.integer({ min: 0, max: 60 }));
    const rename = (i: string) =>
      `name = ${nameSql(i)}, name_key = key_of(${nameSql(i)}), path = 'moved/' || id || '/' || ${nameSql(i)}`;
    const anyCommit = fc.oneof(
      fc.tuple(
        anyIds,
        fc.constantFrom(
          'missing_since = 5',
          'missing_since = NULL',
          'size_bytes = 9',
          rename('id + 1'),
          rename('20'),
          rename('id'),
        ),
      ),
      fc.constantFrom('insert' as const, 'forget' as const),
    );
    await fc.assert(
      fc.asyncProperty(anyCommit, anyQuery, fc.nat(), async (committed, query, at) => {
        if (committed === 'insert') commit(() => insert(20));
        else if (committed === 'forget') {
          commit(() =>
            index.db.exec('DELETE FROM images WHERE space = 1 AND missing_since IS NOT NULL AND id % 900 < 4'),
          );
        } else {
          const [[from, ids], set] = committed;
          change(set, `id BETWEEN ${from} AND ${from + ids}`);
        }
        await expectDefined(query, at);
        // Names that too much has changed of are read again.
        await setImmediate();
      }),
      { numRuns: fewRunsOf(120) },
    );
  });

  it('are read once a space is searched again, and tell how many names have a text', async () => {
    const { texts, counts } = countCounts();
    const read = async () =>
      (await catalogue.images('jm', { nameContains: texts, sort: parseSort('name'), ...pageAt(1, 5) }))?.place.total;
    await learn();
    const total = await read();
    expect(total).toBe(
      (await wholeList()).filter(({ name }) => texts.every((text) => nameKey(name).includes(text))).length,
    );
    change('size_bytes = 9', 'id < 40');
    expect(await read()).toBe(total);
    expect(counts()).toBe(0);
  });

  it('are not read for a space that is searched once', async () => {
    const { texts, counts } = countCounts();
    await ask('ubuntu', pageAt(1, 1));
    for (let turns = 0; turns < TURNS; turns++) await setImmediate();
    await catalogue.images('jm', { nameContains: texts, sort: parseSort('name'), ...pageAt(1, 5) });
    expect(counts()).toBe(1);
  });
});

describe('kept names', () => {
  const spaceNow = () =>
    index.db
      .prepare<[], { id: number; revision: number; images: number }>(
        'SELECT id, revision, images FROM spaces WHERE id = 1',
      )
      .get() ?? { id: 0, revision: 0, images: 0 };
  const namesOf = (kept: KeptNames) => kept.of(spaceNow());
  const searchTwice = async (kept: KeptNames) => {
    for (let searches = 0; searches < 2; searches++) expect(namesOf(kept)).toBeNull();
    for (let turns = 0; turns < TURNS; turns++) await setImmediate();
  };
  const keep = (keptBytes?: number) => createKeptNames(index.db, () => () => [], keptBytes);

  it('take the memory of the names and 17 bytes each, and are none if that is more than may be kept', async () => {
    const kept = keep();
    await searchTwice(kept);
    const bytes = namesOf(kept)?.table.bytes ?? 0;
    const { images } = spaceNow();
    const lengths = (await wholeList()).reduce((sum, { name }) => sum + Buffer.byteLength(nameKey(name)), 0);
    expect(bytes).toBeGreaterThan(lengths + 16 * images);
    expect(bytes).toBeLessThanOrEqual(lengths + 18 * images);
    for (const [most, areKept] of [
      [bytes, true],
      [bytes - images, false],
    ] as const) {
      const bounded = keep(most);
      await searchTwice(bounded);
      expect(namesOf(bounded) !== null).toBe(areKept);
    }
  });

  it('are dropped once nobody has searched them for some minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const kept = keep();
      await searchTwice(kept);
      for (let minutes = 0; minutes < 20; minutes += 4) {
        vi.advanceTimersByTime(4 * 60_000);
        expect(namesOf(kept)).not.toBeNull();
      }
      vi.advanceTimersByTime(20 * 60_000);
      expect(namesOf(kept)).toBeNull();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are read by nobody once the index is closed', async () => {
    const kept = keep();
    for (let searches = 0; searches < 2; searches++) namesOf(kept);
    const space = spaceNow();
    await setImmediate();
    index.db.close();
    for (let turns = 0; turns < TURNS; turns++) await setImmediate();
    expect(() => kept.of({ ...space, revision: space.revision + 1 })).not.toThrow();
  });

  it('are not those of a list with more changes than are kept beside it', async () => {
    const kept = keep();
    await searchTwice(kept);
    change('size_bytes = 9', 'id <= 800');
    expect(namesOf(kept)?.gone.size).toBeGreaterThan(300);
    change('size_bytes = 10', 'id BETWEEN 800 AND 1400');
    expect(namesOf(kept)).toBeNull();
  });
});

import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareImages, DEFAULT_SORT, type ImageQuery, matchesImage } from '../../../src/domain/lists/image-list.js';
import { matchesFound, SEARCH_LIST, type SearchQuery } from '../../../src/domain/lists/image-search.js';
import { parseLike } from '../../../src/domain/lists/like.js';
import { type Image, nameKey } from '../../../src/domain/model/image.js';
import { readMigrations } from '../../../src/platform/migrations.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { spaceTrigram } from '../../../src/sqlite/names/name-index.js';
import { createNameSearch, INDEXED_FROM_IMAGES } from '../../../src/sqlite/names/name-search.js';
import { migrate } from '../../../src/sqlite/schema/migrate.js';
import { ALL, begin, commit, configure, listing } from '../../contract/index-under-test.js';
import { AWKWARD_NAMES, anyText } from '../../support/image-queries.js';
import { fewRunsOf, isThorough, sizeOf } from '../../support/thorough.js';
import { MIGRATIONS, MIGRATIONS_FOLDER, makeSqliteIndex, temporaryDirectory } from '../temporary-index.js';

/** `large` is searched by trigrams alone, `middle` by those and its own; `small` never. */
const IMAGES = { large: sizeOf(45_000, 15_000), middle: INDEXED_FROM_IMAGES + 2_000, small: 500 };
type User = keyof typeof IMAGES;
const USERS = Object.keys(IMAGES) as User[];

/** Awkward in the beginning of each space and once in a while, plain otherwise. */
function nameAt(user: User, i: number): string {
  const awkward = AWKWARD_NAMES[i % 499];
  const plain = `${['Ubuntu', 'centos', 'win'][i % 3]}-${(i * 7_919) % 99_991}-${user}.ova`;
  return awkward === undefined ? plain : `${i}-${awkward}`;
}

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
const spaceIds = new Map<User, number>();

beforeAll(async () => {
  index = await makeSqliteIndex();
  await configure(index, ...USERS);
  for (const user of USERS) {
    const { lease } = await begin(index, user);
    spaceIds.set(user, lease.spaceId);
    const names = Array.from({ length: IMAGES[user] }, (_, i) => nameAt(user, i));
    await commit(index, lease, listing('', names));
    // A commit takes in some of what is new; the further ones take in the rest.
    for (let n = 0; n < 3; n++) await commit(index, lease, listing('', [...names, ...extra(n)]));
    // Tombstones, and one that has returned.
    await commit(index, lease, listing('', [...names.slice(50), ...extra(2)]));
    await commit(index, lease, listing('', [...names.slice(49), ...extra(2)]));
  }
});
afterAll(() => index.close());

function extra(n: number): string[] {
  return Array.from({ length: n + 1 }, (_, i) => `extra-${i}.ova`);
}

const imagesOf = async (user: User) => (await index.catalogue.images(user, ALL))?.images ?? [];
const extent = () => index.db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck().get() ?? 0;
const lastImage = () => index.db.prepare<[], number>('SELECT max(id) FROM images').pluck().get() ?? 0;

describe('a search in names', () => {
  it('has an index that reaches nearly to the newest image', () => {
    expect(extent()).toBeGreaterThan(0);
    expect(lastImage() - extent()).toBeLessThan(2_048);
    expect(lastImage()).toBeGreaterThan(extent());
  });

  // Seconds of a free machine, where there are very many names.
  it.each(USERS)('finds exactly what a look at every name finds: %s', { timeout: 120_000 }, async (user) => {
    const all = await imagesOf(user);
    expect(all).toHaveLength(IMAGES[user] - 49 + 3);
    const some = fc.integer({ min: 0, max: all.length - 1 }).map((i) => all[i]?.name ?? '');
    const part = fc
      .tuple(some, fc.nat(12), fc.integer({ min: 1, max: 12 }))
      .map(([name, from, length]) => name.slice(from, from + length))
      .filter((text) => text !== '' && !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text));
    const text = fc.oneof(
      anyText,
      part,
      part.map((each) => each.toUpperCase()),
    );
    const query: fc.Arbitrary<ImageQuery> = fc.record({
      nameContains: fc.array(text, { maxLength: 2 }),
      filter: fc.array(
        fc
          .tuple(text, text)
          .map(([a, b]) => ({ field: 'name' as const, operator: 'like' as const, pattern: parseLike(`%${a}%${b}%`) })),
        { maxLength: 1 },
      ),
      sort: fc.constant(DEFAULT_SORT),
    });
    const compare = compareImages(DEFAULT_SORT);
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const expected = all.filter((each) => matchesImage(asked, each)).sort(compare);
        const found = await index.catalogue.images(user, asked);
        expect(found?.images.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
        const page = { number: 1, size: 3, cursor: null };
        const paged = await index.catalogue.images(user, { ...asked, page });
        expect(paged?.images).toEqual(expected.slice(0, 3));
        expect(paged?.place.total).toBe(expected.length);
      }),
      // Each looks at all names, which are very many there.
      { numRuns: fewRunsOf(user === 'large' ? 30 : 60) },
    );
  });

  it('takes candidates for rare texts, and a look at all for common and for short ones', async () => {
    const names = createNameSearch(index.db);
    const find = (user: User, text: string) =>
      names.candidates([nameKey(text)], spaceIds.get(user) ?? 0, Math.floor(IMAGES[user] / 50));
    for (const user of ['large', 'middle'] as const) {
      const rare = (await imagesOf(user)).find(({ name }) => name.includes('Ubuntu-4')) as Image;
      expect(find(user, rare.name)).toContain(rare.id);
      expect(find(user, 'straße')?.length).toBeGreaterThan(0);
      expect(find(user, 'extra-1')?.length).toBeGreaterThan(0);
      expect(find(user, 'never there')).toEqual([]);
      for (const common of ['ubuntu', '.ova']) expect(find(user, common)).toBeNull();
      for (const short of ['ub', '', '😀', '\0\0\0', 'ab\0cd']) expect(find(user, short)).toBeNull();
    }
  });

  it('finds few candidates also where the newest names are unlike all others', async () => {
    const own = await makeSqliteIndex();
    await configure(own, 'jm');
    const { lease } = await begin(own, 'jm');
    const old = Array.from({ length: INDEXED_FROM_IMAGES }, (_, i) => `old-${i}.ova`);
    await commit(own, lease, listing('', old));
    const recent = Array.from({ length: 2_500 }, (_, i) => `${i % 500 === 7 ? 'old' : 'and'}-new-${i}.ova`);
    await commit(own, lease, listing('', [...old, ...recent]));
    // By the first images, `new` is rare enough to be sought alone.
    const found = createNameSearch(own.db).candidates(['new', 'old'], lease.spaceId, 200);
    expect(found).toHaveLength(5);
    await own.close();
  });

  it('seeks a space among many by a trigram of its own', () => {
    const ofSpace = index.db
      .prepare<[string], number>('SELECT count(*) FROM image_trigrams WHERE image_trigrams MATCH ?')
      .pluck();
    const id = spaceIds.get('middle') ?? 0;
    expect(ofSpace.get(`"${spaceTrigram(id)}"`)).toBeGreaterThan(IMAGES.middle - 2_048);
    expect(ofSpace.get(`"${spaceTrigram(id)}"`)).toBeLessThan(IMAGES.middle + 100);
    const fromSql = index.db.prepare<[number], string>(
      `SELECT char(0xF0000 + (space >> 24 & 4095), 0xF0000 + (space >> 12 & 4095), 0xF0000 + (space & 4095))
       FROM (SELECT CAST(? AS INTEGER) AS space)`,
    );
    for (const each of [0, 1, 4_095, 4_096, 2 ** 24 - 1, 2 ** 24, 2 ** 31, 2 ** 35 + 12_345]) {
      expect(spaceTrigram(each)).toBe(fromSql.pluck().get(each));
    }
  });

  it('goes through all spaces where the text is rare, and says what would do where it isn’t', async () => {
    const all = (
      await Promise.all(USERS.map(async (user) => (await imagesOf(user)).map((each) => ({ ...each, user }))))
    ).flat();
    const query = (nameContains: readonly string[], filter: SearchQuery['filter'] = []): SearchQuery => ({
      nameContains,
      filter,
      sort: SEARCH_LIST.byDefault,
    });
    for (const asked of [
      query(['straße']),
      query(['EXTRA-']),
      query(['ubuntu', '-77']),
      query(['-77'], [{ field: 'user', operator: 'ne', value: 'large' }]),
      query([], [{ field: 'user', operator: 'eq', value: 'middle' }]),
      query(['a'], [{ field: 'user', operator: 'in', values: ['small', 'middle'] }]),
    ]) {
      const { images, place } = await index.catalogue.search(asked);
      const expected = all.filter((each) => matchesFound(asked, each));
      expect(expected.length).toBeGreaterThan(0);
      expect(place.total).toBe(expected.length);
      expect(new Set(images.map((each) => JSON.stringify(each)))).toEqual(
        new Set(expected.map(({ user, ...each }) => JSON.stringify({ ...each, user }))),
      );
    }
    // Fewer than 50,000 are looked at one by one.
    for (const asked of isThorough ? [query([]), query(['ov']), query(['.ova'])] : []) {
      await expect(index.catalogue.search(asked)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/^name: .*57,\d{3} images .* at most 50,?000 .*filter=user,eq,/) as string,
      });
    }
  });
});

describe('the trigram index', () => {
  it('forgets an image together with its row, and nothing else', async () => {
    const own = await makeSqliteIndex();
    await configure(own, 'jm');
    const { lease } = await begin(own, 'jm');
    const kept = Array.from({ length: 3_000 }, (_, i) => `kept-${i}.ova`);
    const gone = Array.from({ length: 3_000 }, (_, i) => `gone-${i}.ova`);
    await commit(own, lease, listing('', [...kept, ...gone]));
    await commit(own, lease, listing('', kept));
    const count = own.db
      .prepare<[string], number>('SELECT count(*) FROM image_trigrams WHERE image_trigrams MATCH ?')
      .pluck();
    expect([count.get('"kep"'), count.get('"gon"'), count.get('"ova"')]).toEqual([3_000, 3_000, 6_000]);
    own.clock.now += 1;
    expect(await own.maintenance.forgetMissing(own.clock.now, new AbortController().signal)).toBe(3_000);
    expect([count.get('"kep"'), count.get('"gon"'), count.get('"ova"')]).toEqual([3_000, 0, 3_000]);
    expect(
      own.db.prepare("INSERT INTO image_trigrams (image_trigrams) VALUES ('integrity-check')").run(),
    ).toBeDefined();
    // What comes back after that is another image, and found again.
    await commit(own, lease, listing('', [...kept, 'gone-1.ova']));
    const found = await own.catalogue.images('jm', { ...ALL, nameContains: ['gone'] });
    expect(found?.images.map(({ name }) => name)).toEqual(['gone-1.ova']);
    await own.close();
  });

  it('takes in the images that are there when it is made', () => {
    const directory = temporaryDirectory();
    const before = path.join(directory.path, 'migrations');
    cpSync(MIGRATIONS_FOLDER, before, { recursive: true });
    for (const name of readdirSync(before)) if (Number(name.slice(0, 4)) >= 4) rmSync(path.join(before, name));
    const db = openDatabase(path.join(directory.path, 'index.db'));
    migrate(db, readMigrations(before));
    db.exec(`
      INSERT INTO spaces (id, user, url, added_at) VALUES (5, 'jm', 'http://dav.test/jm/', 0);
      INSERT INTO collections (id, space, path) VALUES (1, 5, '');
      INSERT INTO images (id, space, collection, path, name, name_key, created_at, updated_at)
        VALUES (7, 5, 1, 'Early.ova', 'Early.ova', 'early.ova', 0, 0)`);
    migrate(db, MIGRATIONS);
    const search = createNameSearch(db);
    expect(search.candidates(['arly'], null, 10)).toEqual([7]);
    expect(db.prepare('SELECT last_image FROM trigram_extent').pluck().all()).toEqual([7]);
    db.close();
    directory.remove();
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameKey } from '../../../src/domain/model/image.js';
import type { Database, Session } from '../../../src/postgres/connection/database.js';
import { findNames, wordsWithin } from '../../../src/postgres/lists/name-search.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { AWKWARD_NAMES } from '../../support/image-queries.js';
import { runsOf } from '../../support/thorough.js';
import { MIGRATIONS } from '../index-ports.js';
import { openPglite } from '../pglite-index.js';

describe('the words that a text is looked up by', () => {
  it.each([
    ['-75864-', ['75864']],
    ['ubuntu-desktop_2024-x64-43218', ['43218', '2024', 'desktop', 'ubuntu']],
    ['gold\\_100%gold', ['gold', 'gold']],
    ['latest.', ['latest']],
    ['überall-weiß', ['weiß', 'überall']],
    ['日本語版.ova', ['日本語版']],
  ])('are the longer ones of %j, from its end', (text, words) => {
    expect(wordsWithin(text)).toEqual(words);
  });

  it.each(['ubuntu', 'überall', '-v3.ova', 'a_b', '---', '日本語.x'])('are none of %j', (text) => {
    expect(wordsWithin(text)).toEqual([]);
  });
});

describe('names that contain texts', () => {
  const parts = ['ubuntu', 'Latest', 'test', '75864', '5864', '-', '_', '.', '%', '\\', 'é', 'ova', 'x64'];
  const anyText = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 }).map((some) => some.join(''));
  const names: readonly string[] = [
    ...AWKWARD_NAMES,
    ...fc.sample(anyText, { numRuns: 300, seed: 7 }).map((text, i) => `${text}-${i}.ova`),
  ];
  const anyPart = fc
    .tuple(fc.constantFrom(...names), fc.nat(10), fc.integer({ min: 5, max: 20 }))
    .map(([name, from, length]) => [...nameKey(name)].slice(from, from + length).join(''));
  let db: Database;
  beforeAll(async () => {
    db = await openPglite();
    await migrate(db, MIGRATIONS);
    await db.run(
      `INSERT INTO spaces (user_name, url, added_at) VALUES ('jm', 'http://dav.test/', 0), ('lab', 'http://dav.test/', 0)`,
    );
    // Of so few images the server would read any index as a whole sooner than that of trigrams.
    await db.run('DROP INDEX images_shown, images_troubled, images_changed, images_by_collection');
    await db.run(`INSERT INTO collections (space, path) SELECT id, '' FROM spaces`);
    await db.run(
      `INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at)
       SELECT collections.space, collections.id, number || name, name, name_key, 0, 0
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS named (name, name_key, number) CROSS JOIN collections`,
      [names, names.map(nameKey)],
    );
  });
  afterAll(() => db.close());

  /** Looks names up by their trigrams, however few there are; returns them, and what was asked for in all spaces. */
  const look = (texts: readonly string[], settings: readonly string[] = ['seqscan', 'indexscan', 'indexonlyscan']) =>
    db.read(async (session) => {
      for (const setting of settings) await session.run(`SET LOCAL enable_${setting} = off`);
      const asked: (readonly unknown[])[] = [];
      const watched: Session = {
        ...session,
        rows: (sql, values = []) => {
          asked.push(values.filter((value) => typeof value === 'string'));
          return session.rows(sql, values);
        },
      };
      const space = await session.row<{ id: number }>('SELECT min(id) AS id FROM spaces');
      const first = await findNames(watched, texts, space?.id ?? 0, 1_000);
      const inAll = await findNames(watched, texts, null, 1_000);
      const patterns = asked.at(-1);
      const rows = await session.rows<{ id: number; name: string; space: number }>(
        'SELECT id, name, space FROM images WHERE id = ANY($1)',
        [inAll ?? []],
      );
      const ofFirst = rows.filter(({ id }) => first?.includes(id));
      return {
        all: rows.map(({ name }) => name).sort(),
        first: ofFirst.map(({ name }) => name).sort(),
        isOfOne: first?.length === ofFirst.length && ofFirst.every((row) => row.space === space?.id),
        patterns,
      };
    });

  it('are the same, whatever they are looked up by', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyPart, anyText), { minLength: 1, maxLength: 2 }), async (given) => {
        const texts = given.map(nameKey).filter((text) => [...text].length >= 3);
        fc.pre(texts.length > 0);
        const holders = names.filter((name) => texts.every((text) => nameKey(name).includes(text)));
        const { all, first, isOfOne } = await look(texts);
        expect(first).toEqual([...holders].sort());
        expect(all).toEqual([...holders, ...holders].sort());
        expect(isOfOne).toBe(true);
      }),
      { numRuns: runsOf(300) },
    );
  });

  it('are looked up by words first where that goes by trigrams', async () => {
    expect((await look(['-75864-', 'x64-75864'])).patterns).toEqual(['%75864%', '%-75864-%', '%x64-75864%']);
  });

  it('are looked up by the text alone where that goes without them', async () => {
    expect((await look(['-75864-'], ['bitmapscan'])).patterns).toEqual(['%-75864-%']);
  });
});

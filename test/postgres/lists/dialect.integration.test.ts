import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameKey } from '../../../src/domain/model/image.js';
import type { Database } from '../../../src/postgres/connection/database.js';
import { POSTGRES } from '../../../src/postgres/lists/dialect.js';
import { AWKWARD_NAMES } from '../../support/image-queries.js';
import { openPglite } from '../pglite-index.js';

/** Letters of Unicode 16 and 17, which an engine may not know yet. */
const NEW_LETTERS = /[\u1c89\ua7cb-\ua7ce\ua7d2\ua7d4\ua7da\ua7dc\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}]/u;

let db: Database;
beforeAll(async () => {
  db = await openPglite();
});
afterAll(() => db.close());

it('makes the keys of texts as they are made here, of all characters that have another case or form', async () => {
  const characters = Array.from({ length: 0x10_ffff }, (_, i) => i + 1)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => nameKey(character) !== character && !NEW_LETTERS.test(character));
  expect(characters.length).toBeGreaterThan(2_000);
  const inWords = characters.flatMap((character) => [
    character,
    `a${character}`,
    `${character}b`,
    `a${character}\u0301b`,
  ]);
  const texts = [...AWKWARD_NAMES, 'ΟΔΟΣ ΣΑΣ. Σ', 'IMAGES/Überall/ΌΛΟΣ.OVA', ...inWords];
  const rows = await db.rows<{ key: string }>(
    `SELECT ${POSTGRES.keyOfText('text')} AS key FROM unnest($1::text[]) WITH ORDINALITY AS given (text, number) ORDER BY number`,
    [texts],
  );
  expect(rows.map(({ key }) => key)).toEqual(texts.map(nameKey));
});

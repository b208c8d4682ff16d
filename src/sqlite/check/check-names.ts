import type { Database } from 'better-sqlite3';
import { SPACE_TRIGRAM } from '../names/name-index.js';

/** Images that are indexed at once, so that they fit into memory. */
const AT_ONCE = 50_000;
/** Trigrams that a finding names. */
const NAMED = 5;

interface Term {
  readonly term: string;
  /** How many images have it and, to notice other images in the same number, the sum of their ids. */
  readonly images: number;
  readonly ids: number;
}

/**
 * Compares the trigram index with the names that it covers. FTS5 itself splits the names into a second, temporary
 * index, and both are read side by side, trigram by trigram.
 */
export function compareNames(db: Database, note: (detail: string) => void): void {
  const extent = db.prepare<[], number>('SELECT last_image FROM trigram_extent').pluck().all();
  const last = extent[0];
  if (last === undefined || extent.length > 1) {
    note(`trigram_extent has ${extent.length} rows instead of one`);
    return;
  }
  db.exec(`
    CREATE VIRTUAL TABLE temp.expected USING fts5(
      name_key, space, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1');
    CREATE VIRTUAL TABLE temp.expected_terms USING fts5vocab (temp, expected, instance);
    CREATE VIRTUAL TABLE temp.indexed_terms USING fts5vocab (main, image_trigrams, instance)`);
  // A single moment's index and rows, whoever writes meanwhile.
  db.transaction(() => {
    buildExpected(db, last);
    const different = differences(termsOf(db, 'indexed_terms'), termsOf(db, 'expected_terms'));
    if (different.count === 0) return;
    const examples = different.first.map((term) => JSON.stringify(term)).join(', ');
    note(`${different.count} trigrams lead to images other than those with them in their names, such as ${examples}`);
  })();
}

function buildExpected(db: Database, last: number): void {
  const insert = db.prepare<[number, number, number]>(
    `INSERT INTO temp.expected (rowid, name_key, space)
     SELECT id, name_key, ${SPACE_TRIGRAM} FROM images WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`,
  );
  const lastOf = db
    .prepare<[number, number, number], number | null>(
      'SELECT max(id) FROM (SELECT id FROM images WHERE id > ? AND id <= ? ORDER BY id LIMIT ?)',
    )
    .pluck();
  for (let after: number | null = 0; after !== null; ) {
    const next: number | null = lastOf.get(after, last, AT_ONCE) ?? null;
    if (next !== null) insert.run(after, last, AT_ONCE);
    after = next;
  }
}

function termsOf(db: Database, table: string): IterableIterator<Term> {
  return db
    .prepare<[], Term>(`SELECT term, count(*) AS images, sum(doc) AS ids FROM temp.${table} GROUP BY term`)
    .iterate();
}

/** Compares two readings, both in the order of the terms' bytes. */
function differences(
  found: IterableIterator<Term>,
  wanted: IterableIterator<Term>,
): { count: number; first: readonly string[] } {
  const first: string[] = [];
  let count = 0;
  const differ = (term: string) => {
    count++;
    if (first.length < NAMED) first.push(term);
  };
  try {
    let [a, b] = [found.next(), wanted.next()];
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : Buffer.compare(bytes(a.value), bytes(b.value));
      if (order !== 0) differ(order < 0 ? a.value.term : b.value.term);
      else if (a.value.images !== b.value.images || a.value.ids !== b.value.ids) differ(a.value.term);
      if (order <= 0) a = found.next();
      if (order >= 0) b = wanted.next();
    }
  } finally {
    // A damaged page ends one of them; the connection can't be closed while the other is open.
    found.return?.();
    wanted.return?.();
  }
  return { count, first };
}

function bytes({ term }: Term): Buffer {
  return Buffer.from(term);
}

import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { cursorAt } from '../../src/domain/lists/cursor.js';
import { DEFAULT_SORT, type ImageQuery, keyOf, totalOrder } from '../../src/domain/lists/image-list.js';
import type { ImageCatalogue, ImageList } from '../../src/domain/ports/image-catalogue.js';
import { built } from './built.js';
import { COMMON_TEXTS, createRandom } from './bulk-index.js';
import { percentile } from './percentile.js';
import { processorMs } from './processor-time.js';
import { median, type Verdict } from './ratios.js';
import { milliseconds } from './units.js';

const { createImageCatalogue } = await built<typeof import('../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { COLUMN_OF_KEY, imageSource } =
  await built<typeof import('../../src/sqlite/read/image-rows.js')>('sqlite/read/image-rows.js');
const { countSql, listSql } = await built<typeof import('../../src/sql/list-sql.js')>('sql/list-sql.js');

const USER = 'user0';
const SPACE_ID = 1;
const PAGE_SIZE = 100;
/** Turns of the event loop in which the names of 1,000,000 images are read, and half as many again. */
const TURNS = 400;
const TARGETS = { firstRatio: 5, furtherRatio: 5, turnMs: 20 };

const asked = (text: string, page: ImageQuery['page']): ImageQuery => ({
  nameContains: [text],
  sort: DEFAULT_SORT,
  ...(page && { page }),
});

/** A catalogue that has the names of the space in memory, and how long each turn took in which they were read. */
export async function learnedCatalogue(
  db: Database,
): Promise<{ readonly catalogue: ImageCatalogue; readonly turns: readonly number[] }> {
  const catalogue = createImageCatalogue(db);
  // No name has it.
  for (let searches = 0; searches < 2; searches++) await catalogue.images(USER, asked('zyx', undefined));
  const turns: number[] = [];
  for (let n = 0; n < TURNS; n++) turns.push(await processorMs(() => setImmediate()));
  return { catalogue, turns };
}

/** Pages of what many names contain, by the names in memory, against a look at every name by SQLite. */
export async function benchNames(db: Database, rounds: number, onProgress: (text: string) => void): Promise<Verdict[]> {
  const random = createRandom(7);
  const firsts: number[] = [];
  const firstRatios: number[] = [];
  const furthers: number[] = [];
  const furtherRatios: number[] = [];
  const longest: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    // One that has counted nothing yet.
    const { catalogue, turns } = await learnedCatalogue(db);
    longest.push(Math.max(...turns));
    const ask = async (text: string, page: NonNullable<ImageQuery['page']>): Promise<ImageList> => {
      const found = await catalogue.images(USER, asked(text, page));
      if (found === null || found.images.length === 0) throw new Error('there is no such page');
      return found;
    };
    for (const text of COMMON_TEXTS) {
      let first: ImageList | undefined;
      const ours = await processorMs(async () => {
        first = await ask(text, { number: 1, size: PAGE_SIZE, cursor: null });
      });
      let total = 0;
      const theirs = await processorMs(() => {
        total = count(db, text);
        read(db, text, 0);
      });
      if (first?.place.total !== total) throw new Error(`"${text}" is in ${total} names, not ${first?.place.total}`);
      firsts.push(ours);
      firstRatios.push(theirs / ours);

      const number = 1 + Math.floor(random() * Math.ceil(total / PAGE_SIZE));
      let last: ImageList | undefined;
      const jump = await processorMs(async () => {
        last = await ask(text, { number, size: PAGE_SIZE, cursor: null });
      });
      const sought = await processorMs(() => read(db, text, (number - 1) * PAGE_SIZE));
      furthers.push(jump);
      furtherRatios.push(sought / jump);
      const row = last?.images[0];
      if (row === undefined || number === 1) continue;
      const cursor = cursorAt('before', totalOrder(DEFAULT_SORT), keyOf, row);
      furthers.push(await processorMs(() => ask(text, { number: number - 1, size: PAGE_SIZE, cursor })));
    }
    onProgress(`search: names in memory, round ${round} of ${rounds}: ${median(firstRatios).toFixed(1)} times as fast`);
  }
  return [
    {
      name: 'search, common, again',
      meaning: `the first page of a look at every name, with its total / the same by names in memory, of a text that many names hold and nobody has searched for (processor time)`,
      ratio: median(firstRatios),
      ratios: spread(firstRatios),
      target: TARGETS.firstRatio,
      context: [`${milliseconds(median(firsts))}, at most ${milliseconds(Math.max(...firsts))}`],
    },
    {
      name: 'search, common, pages',
      meaning: `a page of it by any number, without its total / the same by names in memory (processor time)`,
      ratio: median(furtherRatios),
      ratios: spread(furtherRatios),
      target: TARGETS.furtherRatio,
      context: [
        `by number or cursor ${milliseconds(median(furthers))}, at the 99th percentile ${milliseconds(percentile(furthers, 0.99))}`,
      ],
    },
    {
      name: 'search, turns',
      meaning: `${TARGETS.turnMs} ms / processor time of the longest turn of the event loop in which names are read, median of ${rounds}`,
      ratio: TARGETS.turnMs / median(longest),
      ratios: longest.map((ms) => TARGETS.turnMs / ms),
      target: 1,
      context: [`${milliseconds(median(longest))}, at most ${milliseconds(Math.max(...longest))}`],
    },
  ];
}

function spread(ratios: readonly number[]): number[] {
  return [Math.min(...ratios), median([...ratios]), Math.max(...ratios)];
}

function count(db: Database, text: string): number {
  const { sql, parameters } = countSql(imageSource(SPACE_ID, asked(text, undefined), null));
  return (
    db
      .prepare<unknown[], number>(sql)
      .pluck()
      .get(...parameters) ?? 0
  );
}

function read(db: Database, text: string, offset: number): void {
  const slice = { kind: 'offset', limit: PAGE_SIZE, offset, isReversed: false } as const;
  const source = imageSource(SPACE_ID, asked(text, undefined), null);
  const { sql, parameters } = listSql(source, totalOrder(DEFAULT_SORT), COLUMN_OF_KEY, slice);
  db.prepare(sql)
    .raw()
    .all(...parameters);
}

import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ImageQuery } from '../../src/domain/lists/image-list.js';
import type { PageRequest } from '../../src/domain/lists/page.js';
import type { ImageCatalogue } from '../../src/domain/ports/image-catalogue.js';
import { built } from './built.js';
import { buildIndex, COMMON_TEXTS, createRandom } from './bulk-index.js';
import { benchNames, learnedCatalogue } from './names-in-memory.js';
import { percentile } from './percentile.js';
import { processorMs } from './processor-time.js';
import { median, type Verdict } from './ratios.js';
import { megabytes, milliseconds, seconds } from './units.js';

export interface SearchBenchOptions {
  /** All in one space. */
  readonly images: number;
  /** How many texts are searched for. */
  readonly searches: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const { openDatabase } = await built<typeof import('../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createImageCatalogue } = await built<typeof import('../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { COLUMN_OF_KEY, imageSource } =
  await built<typeof import('../../src/sqlite/read/image-rows.js')>('sqlite/read/image-rows.js');
const { countSql, listSql } = await built<typeof import('../../src/sql/list-sql.js')>('sql/list-sql.js');
const { DEFAULT_SORT, keyOf, parseSort, totalOrder } =
  await built<typeof import('../../src/domain/lists/image-list.js')>('domain/lists/image-list.js');
const { cursorAt } = await built<typeof import('../../src/domain/lists/cursor.js')>('domain/lists/cursor.js');

const USER = 'user0';
const SPACE_ID = 1;
/** What the API says of a whole list: more images are read piece by piece. */
const WHOLE_AT_MOST = 4_999;
/** What counts as a text that few names hold. */
const FEW_HITS = 1_000;
const TARGETS = { rareRatio: 50, rareMs: 5, commonRatio: 1 / 1.2, pageMs: 20 };
const PAGE_SIZE = 100;
/** Times that each rare text is searched for, with all others between: the median is not the neighbours' noise. */
const PASSES = 3;
/** Turns of the event loop in which landmarks are made all through a list. */
const PREPARING_TURNS = 200;

/** Searches in one large space, against the same search that looks at every name; and its pages. */
export async function benchSearch({ images, searches, rounds, onProgress }: SearchBenchOptions): Promise<Verdict[]> {
  onProgress(`search: building an index of ${images} images in one space`);
  const index = buildIndex({ spaces: 1, images });
  const db = openDatabase(index.file, { readonly: true });
  try {
    const file = `file ${megabytes(index.sizeBytes)}, built by SQL in ${seconds(index.elapsedMs)}`;
    return [
      ...(await benchRare(db, images, searches, file, onProgress)),
      await benchCommon(db, rounds, onProgress),
      ...(await benchNames(db, rounds, onProgress)),
      await benchPages(db, images, searches, onProgress),
    ];
  } finally {
    db.close();
    index.remove();
  }
}

const query = (text: string, rest: Partial<ImageQuery> = {}): ImageQuery => ({
  nameContains: text === '' ? [] : [text],
  sort: DEFAULT_SORT,
  ...rest,
});

/** The search as it would be without a trigram index. */
function scan(db: Database, asked: ImageQuery): number {
  const source = imageSource(SPACE_ID, asked, null);
  const { sql, parameters } = listSql(source, totalOrder(asked.sort), COLUMN_OF_KEY, { kind: 'all' });
  return db
    .prepare(sql)
    .raw()
    .all(...parameters).length;
}

/** Parts of names that exist, of 3 to 12 characters, in few of them. */
async function rareTexts(db: Database, images: number, wanted: number): Promise<readonly string[]> {
  const random = createRandom(1);
  const catalogue = createImageCatalogue(db);
  const nameOf = db.prepare<[number], string>('SELECT name FROM images WHERE id = ?').pluck();
  // What is common is so among the first images, too: that saves counting it in all.
  const sample = Math.min(images, 20_000);
  const countSample = db
    .prepare<[number, string], number>('SELECT count(*) FROM images WHERE id <= ? AND instr(name_key, ?) > 0')
    .pluck();
  const texts: string[] = [];
  while (texts.length < wanted) {
    const name = nameOf.get(1 + Math.floor(random() * images)) ?? '';
    const length = 3 + Math.floor(random() * 10);
    const from = Math.floor(random() * (name.length - length));
    const text = name.slice(from, from + length);
    if ((countSample.get(sample, text) ?? 0) > (2 * FEW_HITS * sample) / images) continue;
    const page = { number: 1, size: 1, cursor: null };
    const found = await catalogue.images(USER, query(text, { page }));
    if (found !== null && found.place.total < FEW_HITS) texts.push(text);
  }
  return texts;
}

async function benchRare(
  db: Database,
  images: number,
  searches: number,
  file: string,
  onProgress: (text: string) => void,
): Promise<Verdict[]> {
  const texts = await rareTexts(db, images, searches);
  const found: number[] = [];
  /** The processor time of each search, the median of some. */
  const timesOf = async (catalogue: ImageCatalogue, rest: Partial<ImageQuery> = {}): Promise<number[]> => {
    const passes: number[][] = texts.map(() => []);
    for (let pass = 1; pass <= PASSES; pass++) {
      for (const [i, text] of texts.entries()) {
        const elapsedMs = await processorMs(async () => {
          found[i] = (await catalogue.images(USER, query(text, rest), WHOLE_AT_MOST))?.place.total ?? 0;
        });
        passes[i]?.push(elapsedMs);
      }
    }
    return passes.map(median);
  };
  // Nothing between these searches lets the event loop turn: names aren't read.
  const before = await timesOf(createImageCatalogue(db));
  const { catalogue } = await learnedCatalogue(db);
  const times = await timesOf(catalogue);
  const page = { number: 1, size: PAGE_SIZE, cursor: null };
  const { catalogue: other } = await learnedCatalogue(db);
  const pages = await timesOf(other, { page });
  const scans: number[] = [];
  // A scan takes as long whatever it looks for; each tenth tells how long, and whether the searches found all.
  for (let i = 0; i < texts.length; i += 10) {
    const text = texts[i] ?? '';
    let scanned = 0;
    scans.push(
      await processorMs(() => {
        scanned = scan(db, query(text));
      }),
    );
    if (scanned !== found[i]) throw new Error(`"${text}" is in ${scanned} names, the search found ${found[i]}`);
  }
  const p99 = percentile(times, 0.99);
  const ratio = median(scans) / median(times);
  onProgress(`search: ${texts.length} rare texts: ${ratio.toFixed(0)} times as fast as a scan`);
  return [
    {
      name: 'search, rare',
      meaning: `look at every name of ${images} / search for a text that fewer than ${FEW_HITS} hold, medians of processor time`,
      ratio,
      ratios: [ratio],
      target: TARGETS.rareRatio,
      context: [
        file,
        `search ${milliseconds(median(times))}, at the 99th percentile ${milliseconds(p99)}; scan ${milliseconds(median(scans))}`,
      ],
    },
    {
      name: 'search, rare, p99',
      meaning: `${TARGETS.rareMs} ms / 99th percentile of the processor time of the same searches, each the median of ${PASSES}`,
      ratio: TARGETS.rareMs / p99,
      ratios: [TARGETS.rareMs / p99],
      target: 1,
      context: [
        `${texts.length} texts of 3 to 12 characters, names in memory`,
        `before: ${milliseconds(median(before))}, at the 99th percentile ${milliseconds(percentile(before, 0.99))}`,
      ],
    },
    {
      name: 'search, rare, page',
      meaning: `${TARGETS.rareMs} ms / the same for the first page of ${PAGE_SIZE} with its total`,
      ratio: TARGETS.rareMs / percentile(pages, 0.99),
      ratios: [TARGETS.rareMs / percentile(pages, 0.99)],
      target: 1,
      context: [`${milliseconds(median(pages))}, at the 99th percentile ${milliseconds(percentile(pages, 0.99))}`],
    },
  ];
}

/** Before names are in memory, common texts can't be quicker; the look into the trigram index that finds that out must not cost much. */
async function benchCommon(db: Database, rounds: number, onProgress: (text: string) => void): Promise<Verdict> {
  const page = { number: 1, size: PAGE_SIZE, cursor: null };
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const text of COMMON_TEXTS) {
      // A catalogue that has counted nothing yet.
      const catalogue = createImageCatalogue(db);
      const ours = () => processorMs(() => catalogue.images(USER, query(text, { page })));
      const theirs = () => processorMs(() => scanPage(db, query(text)));
      const isOursFirst = round % 2 === 0;
      const first = await (isOursFirst ? ours() : theirs());
      const second = await (isOursFirst ? theirs() : ours());
      ratios.push(isOursFirst ? second / first : first / second);
    }
    onProgress(`search: common texts, round ${round} of ${rounds}: ${median(ratios).toFixed(2)}`);
  }
  return {
    name: 'search, common',
    meaning: `the first page of a look at every name / the same by the first search, for texts that many names hold (processor time)`,
    ratio: median(ratios),
    ratios: [Math.min(...ratios), median(ratios), Math.max(...ratios)],
    target: TARGETS.commonRatio,
    context: [
      `${COMMON_TEXTS.map((text) => `"${text}"`).join(', ')}; of ${ratios.length} pairs least, median and most`,
    ],
  };
}

function scanPage(db: Database, asked: ImageQuery): number {
  const source = imageSource(SPACE_ID, asked, null);
  const count = countSql(source);
  const slice = { kind: 'offset', limit: PAGE_SIZE, offset: 0, isReversed: false } as const;
  const { sql, parameters } = listSql(source, totalOrder(asked.sort), COLUMN_OF_KEY, slice);
  const countAll = db.prepare<unknown[], number>(count.sql).pluck();
  const rows = db
    .prepare(sql)
    .raw()
    .all(...parameters);
  return (countAll.get(...count.parameters) ?? 0) + rows.length;
}

/**
 * Pages from the middle: by a number out of the blue, by any number after the first page, by numbers near one that was
 * asked for before, and by cursors.
 */
async function benchPages(
  db: Database,
  images: number,
  searches: number,
  onProgress: (text: string) => void,
): Promise<Verdict> {
  const middle = Math.ceil(images / PAGE_SIZE / 2);
  const random = createRandom(3);
  const at = (number: number): PageRequest => ({ number, size: PAGE_SIZE, cursor: null });
  const first: string[] = [];
  const times: number[] = [];
  for (const order of ['name', 'name,desc', 'path']) {
    const newReader = () => {
      const catalogue = createImageCatalogue(db);
      return async (page: PageRequest) => {
        const found = await catalogue.images(USER, query('', { sort: parseSort(order), page }));
        const last = found?.images.at(-1);
        if (last === undefined) throw new Error('there is no such page');
        return last;
      };
    };
    const readCold = newReader();
    first.push(`${order} ${milliseconds(await processorMs(() => readCold(at(middle))))}`);
    const read = newReader();
    await read(at(1));
    for (let turns = 0; turns < PREPARING_TURNS; turns++) await setImmediate();
    for (let n = 1; n <= searches / 6; n++) {
      const number = 1 + Math.floor(random() * (2 * middle - 2));
      let last = await read(at(1));
      times.push(
        await processorMs(async () => {
          last = await read(at(number));
        }),
      );
      times.push(
        await processorMs(async () => {
          last = await read(at(number + 1));
        }),
      );
      const cursor = cursorAt('after', totalOrder(parseSort(order)), keyOf, last);
      times.push(await processorMs(() => read({ ...at(number + 2), cursor })));
    }
  }
  const p99 = percentile(times, 0.99);
  onProgress(`search: pages from the middle: ${milliseconds(p99)} at the 99th percentile`);
  return {
    name: 'page',
    meaning: `${TARGETS.pageMs} ms / 99th percentile of the processor time of a page of ${PAGE_SIZE} from anywhere in ${images}, by a number some time after the first page, by the next number or by a cursor`,
    ratio: TARGETS.pageMs / p99,
    ratios: [TARGETS.pageMs / p99],
    target: 1,
    context: [
      `${milliseconds(median(times))}, at the 99th percentile ${milliseconds(p99)}`,
      `in the middle, out of the blue: ${first.join(', ')}`,
    ],
  };
}

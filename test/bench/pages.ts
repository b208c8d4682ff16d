import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ImageQuery } from '../../src/domain/lists/image-list.js';
import type { PageRequest } from '../../src/domain/lists/page.js';
import type { ImageList } from '../../src/domain/ports/image-catalogue.js';
import { built } from './built.js';
import { buildIndex, createRandom } from './bulk-index.js';
import { percentile } from './percentile.js';
import { processorMs } from './processor-time.js';
import { median, type Verdict } from './ratios.js';
import { megabytes, milliseconds, seconds } from './units.js';

export interface PagesBenchOptions {
  /** All in one space. */
  readonly images: number;
  /** How many further pages of each order are asked for. */
  readonly pages: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const { openDatabase } = await built<typeof import('../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createImageCatalogue } = await built<typeof import('../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { parseSort } = await built<typeof import('../../src/domain/lists/image-list.js')>('domain/lists/image-list.js');

const USER = 'user0';
const SORTS = ['size', 'created_on', 'updated_on,desc', 'modified_on'];
const SIZE = 100;
/** Preparing a list has a twentieth of the time: so long it rests, on a busy machine, before it is prepared once more. */
const REST_MS = 10_000;
/** Images that a commit changes. */
const CHANGED = 100;
const TARGETS = { firstMs: 400, sortedRatio: 5, turnMs: 20, furtherMs: 5, changedMs: 20 };

type Ask = (sort: string, number: number) => Promise<ImageList>;

function asking(db: Database, orderedFrom?: number): Ask {
  const catalogue = createImageCatalogue(db, orderedFrom === undefined ? {} : { orderedFrom });
  return async (sort, number) => {
    const page: PageRequest = { number, size: SIZE, cursor: null };
    const query: ImageQuery = { nameContains: [], sort: parseSort(sort), page };
    const list = await catalogue.images(USER, query);
    if (list === null || list.images.length === 0) throw new Error('there is no such page');
    return list;
  };
}

/** Pages of a large space in orders that no index has: the first one, whose order is found out between others, further ones, and those after a change. */
export async function benchPages({ images, pages, rounds, onProgress }: PagesBenchOptions): Promise<Verdict[]> {
  onProgress(`pages: building an index of ${images} images in one space`);
  const index = buildIndex({ spaces: 1, images });
  const db = openDatabase(index.file, { readonly: true });
  const writer = openDatabase(index.file);
  try {
    const file = `file ${megabytes(index.sizeBytes)}, built by SQL in ${seconds(index.elapsedMs)}`;
    const scene = { db, writer, images, pages, rounds, onProgress };
    return [...(await benchFirst(scene, file)), await benchFurther(scene), ...(await benchChanged(scene))];
  } finally {
    writer.close();
    db.close();
    index.remove();
  }
}

interface Scene extends PagesBenchOptions {
  readonly db: Database;
  readonly writer: Database;
}

async function benchFirst({ db, images, rounds, onProgress }: Scene, file: string): Promise<Verdict[]> {
  const middle = Math.ceil(images / SIZE / 2);
  const ratios: number[] = [];
  const firsts: number[] = [];
  const turns: number[] = [];
  const bySort = new Map<string, number[]>(SORTS.map((sort) => [sort, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [sort, times] of bySort) {
      // A catalogue that knows no order yet.
      const first = await processorMs(() => asking(db)(sort, middle));
      const sorted = await processorMs(() => asking(db, Number.POSITIVE_INFINITY)(sort, middle));
      times.push(first);
      firsts.push(first);
      ratios.push(sorted / first);
      turns.push(await longestTurn(() => asking(db)(sort, middle)));
    }
    onProgress(`pages: the first one, round ${round} of ${rounds}: ${milliseconds(median(firsts))}`);
  }
  const first = median(firsts);
  const turn = median(turns);
  return [
    {
      name: 'pages, first',
      meaning: `${TARGETS.firstMs} ms / processor time of the first page of ${SIZE} in the middle of ${images} by size or a time, median`,
      ratio: TARGETS.firstMs / first,
      ratios: firsts.map((ms) => TARGETS.firstMs / ms),
      target: 1,
      context: [file, `${[...bySort].map(([sort, times]) => `${sort} ${milliseconds(median(times))}`).join(', ')}`],
    },
    {
      name: 'pages, first, sorted',
      meaning: `sort by SQLite for the same page / that, processor time`,
      ratio: median(ratios),
      ratios,
      target: TARGETS.sortedRatio,
      context: [],
    },
    {
      name: 'pages, turns',
      meaning: `${TARGETS.turnMs} ms / processor time of the longest turn of the event loop meanwhile, median of ${turns.length}`,
      ratio: TARGETS.turnMs / turn,
      ratios: turns.map((ms) => TARGETS.turnMs / ms),
      target: 1,
      context: [`${milliseconds(turn)}, at most ${milliseconds(Math.max(...turns))}`],
    },
  ];
}

/** The processor time of the longest of the turns in which something is done, in ms. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let isDone = false;
  const turns: number[] = [];
  const end = () => {
    isDone = true;
  };
  turns.push(await processorMs(() => void work().then(end, end)));
  while (!isDone) turns.push(await processorMs(() => setImmediate()));
  return Math.max(...turns);
}

async function benchFurther({ db, images, pages, onProgress }: Scene): Promise<Verdict> {
  const random = createRandom(5);
  const last = Math.floor(images / SIZE);
  const times: number[] = [];
  for (const sort of SORTS) {
    const ask = asking(db);
    await ask(sort, 1);
    for (let n = 0; n < pages; n++) {
      const number = 1 + Math.floor(random() * last);
      times.push(await processorMs(() => ask(sort, number)));
    }
  }
  const p99 = percentile(times, 0.99);
  onProgress(`pages: further ones: ${milliseconds(p99)} at the 99th percentile`);
  return {
    name: 'pages, further',
    meaning: `${TARGETS.furtherMs} ms / 99th percentile of the processor time of further pages from anywhere`,
    ratio: TARGETS.furtherMs / p99,
    ratios: [TARGETS.furtherMs / p99],
    target: 1,
    context: [`${milliseconds(median(times))}, at the 99th percentile ${milliseconds(p99)}`],
  };
}

/** The first page by its number after a commit, in orders by numbers at once, by name and path some seconds later. */
async function benchChanged({ db, writer, images, rounds, onProgress }: Scene): Promise<Verdict[]> {
  const middle = Math.ceil(images / SIZE / 2);
  const verdictOf = async (
    { name, sorts }: { readonly name: string; readonly sorts: readonly string[] },
    { restMs, waitMs }: { readonly restMs: number; readonly waitMs: number },
  ): Promise<Verdict> => {
    const times: number[] = [];
    for (const sort of sorts) {
      const ask = asking(db);
      await ask(sort, middle);
      for (let round = 1; round <= rounds; round++) {
        await delay(restMs);
        changeSome(writer, images, round);
        await delay(waitMs);
        times.push(await processorMs(() => ask(sort, middle + round)));
      }
    }
    const ms = median(times);
    onProgress(`${name}: ${milliseconds(ms)}`);
    return {
      name,
      meaning: `${TARGETS.changedMs} ms / processor time of the first page by its number ${waitMs === 0 ? 'right' : `${waitMs / 1_000} s`} after a commit that changed ${CHANGED} images, by ${sorts.join(', ')}`,
      ratio: TARGETS.changedMs / ms,
      ratios: times.map((each) => TARGETS.changedMs / each),
      target: 1,
      context: [`median of ${times.length} ${milliseconds(ms)}, at most ${milliseconds(Math.max(...times))}`],
    };
  };
  return [
    await verdictOf({ name: 'pages, changed', sorts: SORTS }, { restMs: 0, waitMs: 0 }),
    await verdictOf({ name: 'pages, changed, by name', sorts: ['name', 'path'] }, { restMs: REST_MS, waitMs: 2_000 }),
  ];
}

function changeSome(writer: Database, images: number, round: number): void {
  writer.transaction(() => {
    writer.exec('UPDATE spaces SET revision = revision + 1');
    writer.exec(
      `UPDATE images SET size_bytes = size_bytes + ${round}, updated_at = updated_at + ${round},
         changed_in = (SELECT revision FROM spaces) WHERE id % ${Math.floor(images / CHANGED)} = ${round}`,
    );
  })();
}

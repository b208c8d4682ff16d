import { built } from './built.js';
import { buildIndex, createRandom } from './bulk-index.js';
import { percentile } from './percentile.js';
import { processorMs } from './processor-time.js';
import { median, type Verdict } from './ratios.js';
import { megabytes, milliseconds, seconds } from './units.js';

export interface ManySpacesBenchOptions {
  readonly spaces: number;
  /** Of each. */
  readonly images: number;
  /** How many lists are asked for. */
  readonly lists: number;
  readonly onProgress: (text: string) => void;
}

const { openDatabase } = await built<typeof import('../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createImageCatalogue } = await built<typeof import('../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { createListCache } = await built<typeof import('../../src/http/lists/cache.js')>('http/lists/cache.js');
const { IMAGE_COLUMNS: columns, imageToJson } = await built<typeof import('../../src/wire/image.js')>('wire/image.js');
const { JSON_FORM: form } = await built<typeof import('../../src/http/lists/render.js')>('http/lists/render.js');
const { DEFAULT_SORT, IMAGE_LIST } =
  await built<typeof import('../../src/domain/lists/image-list.js')>('domain/lists/image-list.js');
const { SEARCH_LIST } =
  await built<typeof import('../../src/domain/lists/image-search.js')>('domain/lists/image-search.js');

const TARGET_MS = 2;
/** Lists before the first that counts: what runs often is compiled by then. */
const WARM_UP = 200;
/** Searches over all spaces. */
const SEARCHES = 200;

/** The list of any space among very many, from the index to the bytes of the answer, none of which were made before. */
export async function benchManySpaces(options: ManySpacesBenchOptions): Promise<Verdict> {
  const { spaces, images, lists, onProgress } = options;
  onProgress(`many spaces: building an index of ${spaces} spaces with ${images} images each`);
  const index = buildIndex({ spaces, images });
  const db = openDatabase(index.file, { readonly: true });
  try {
    const catalogue = createImageCatalogue(db);
    const answer = createListCache({
      catalogue,
      grammar: IMAGE_LIST,
      itemOf: imageToJson,
      columns,
      clock: Date.now,
      inEffect: { syncIntervalMs: 1e15 },
      longLists: null,
    });
    const random = createRandom(2);
    const query = { nameContains: [], sort: DEFAULT_SORT };
    const links = () => ({ base: 'http://a', self: 'http://a/v2/image' });
    const times: number[] = [];
    for (let n = 0; n < WARM_UP + lists; n++) {
      const user = `user${Math.floor(random() * spaces)}`;
      // A user that comes again would find the bytes that are kept.
      const url = `http://a/v2/image?n=${n}`;
      let length = 0;
      const elapsedMs = await processorMs(async () => {
        const list = await answer({ user, url, stamp: n, links, form, parse: () => ({ query, ignored: [] }) });
        if ('faults' in list) throw new Error('the query is refused');
        length = (await list.start('identity')).sizeBytes;
      });
      if (n >= WARM_UP) times.push(elapsedMs);
      if (length < images * 100) throw new Error(`${user} has no list`);
    }
    const searches: number[] = [];
    for (let n = 0; n < SEARCHES; n++) {
      const text = `-${String(Math.floor(random() * 99_991)).padStart(5, '0')}-`;
      const asked = { nameContains: [text], sort: SEARCH_LIST.byDefault };
      searches.push(await processorMs(() => catalogue.search(asked)));
    }
    const p99 = percentile(times, 0.99);
    onProgress(`many spaces: ${milliseconds(p99)} at the 99th percentile`);
    return {
      name: 'many spaces',
      meaning: `${TARGET_MS} ms / 99th percentile of the processor time of the list of one of ${spaces} spaces with ${images} images each`,
      ratio: TARGET_MS / p99,
      ratios: [TARGET_MS / p99],
      target: 1,
      context: [
        `${spaces * images} images; file ${megabytes(index.sizeBytes)}, built by SQL in ${seconds(index.elapsedMs)}`,
        `list ${milliseconds(median(times))}, at the 99th percentile ${milliseconds(p99)}`,
        `search over all spaces ${milliseconds(median(searches))}, at the 99th percentile ${milliseconds(percentile(searches, 0.99))}`,
      ],
    };
  } finally {
    db.close();
    index.remove();
  }
}

/**
 * What lists and searches of an index take, in a process of its own that only reads, as the API's thread does; prints ms of
 * processor time by name, as JSON.
 * Usage: reads.ts FILE SPACES IMAGES QUESTIONS
 */
import { built } from '../built.js';
import { createRandom } from '../bulk-index.js';
import { processorMs } from '../processor-time.js';
import { median } from '../ratios.js';

const { openDatabase } = await built<typeof import('../../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createImageCatalogue } = await built<typeof import('../../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { createListCache } = await built<typeof import('../../../src/http/lists/cache.js')>('http/lists/cache.js');
const { IMAGE_COLUMNS: columns, imageToJson } =
  await built<typeof import('../../../src/wire/image.js')>('wire/image.js');
const { JSON_FORM: form } = await built<typeof import('../../../src/http/lists/render.js')>('http/lists/render.js');
const { DEFAULT_SORT, IMAGE_LIST } =
  await built<typeof import('../../../src/domain/lists/image-list.js')>('domain/lists/image-list.js');
const { SEARCH_LIST } =
  await built<typeof import('../../../src/domain/lists/image-search.js')>('domain/lists/image-search.js');

const [file = '', ...numbers] = process.argv.slice(2);
const [spaces = 0, images = 0, questions = 0] = numbers.map(Number);
/** A list that is known takes so little that one alone is mostly the clock's own grain. */
const KNOWN_AT_ONCE = 20;
/** What runs often is compiled by then. */
const WARM_UP = 50;
const PAGE = { number: 1, size: 10, cursor: null };

const db = openDatabase(file, { readonly: true });
const catalogue = createImageCatalogue(db);
const answer = createListCache({
  ...{ catalogue, grammar: IMAGE_LIST, itemOf: imageToJson, columns, clock: Date.now },
  ...{ inEffect: { syncIntervalMs: 1e15 }, longLists: null },
});
const random = createRandom(2);
const links = () => ({ base: 'http://a', self: 'http://a/v2/image' });
const anyUser = () => `user${Math.floor(random() * spaces)}`;
const rareText = () => `-${String(Math.floor(random() * 99_991)).padStart(5, '0')}-`;
let asked = 0;
const list = async (user: string, url: string, nameContains: readonly string[]) => {
  const query = { nameContains, sort: DEFAULT_SORT, page: PAGE };
  const found = await answer({ user, url, stamp: asked++, links, form, parse: () => ({ query, ignored: [] }) });
  if ('faults' in found) throw new Error('the query is refused');
  return (await found.start('identity')).sizeBytes;
};
const took = async (times: number, work: (n: number) => Promise<unknown>) => {
  const all: number[] = [];
  for (let n = 0; n < times; n++) all.push(await processorMs(() => work(n)));
  return median(all);
};

const first = async (n: number) => {
  const length = await list(anyUser(), `http://a/v2/image?n=${n}`, []);
  if (length < Math.min(PAGE.size, images) * 100) throw new Error('a list lacks images');
};
await took(WARM_UP, (n) => first(-n));
const known = anyUser();
const listKnown = async () => {
  for (let n = 0; n < KNOWN_AT_ONCE; n++) await list(known, 'http://a/v2/image?known', []);
};
const results = {
  'list, first': await took(questions, first),
  'list, again': (await took(questions, listKnown)) / KNOWN_AT_ONCE,
  'search, one space': await took(questions, (n) => list(anyUser(), `http://a/v2/image?s=${n}`, [rareText()])),
  'search, all spaces': await took(questions, () =>
    catalogue.search({ nameContains: [rareText()], sort: SEARCH_LIST.byDefault }),
  ),
};
db.close();
process.stdout.write(JSON.stringify(results));

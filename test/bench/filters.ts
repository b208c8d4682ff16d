import { built } from './built.js';
import { buildIndex, createRandom } from './bulk-index.js';
import { percentile } from './percentile.js';
import { processorMs } from './processor-time.js';
import { median, type Verdict } from './ratios.js';
import { megabytes, milliseconds, seconds } from './units.js';

export interface FilterBenchOptions {
  readonly spaces: number;
  /** In all spaces together. */
  readonly images: number;
  /** How often each filter is asked for. */
  readonly passes: number;
  readonly onProgress: (text: string) => void;
}

const { openDatabase } = await built<typeof import('../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createImageCatalogue } = await built<typeof import('../../src/sqlite/read/image-catalogue.js')>(
  'sqlite/read/image-catalogue.js',
);
const { DEFAULT_SORT, parseImageFilter } =
  await built<typeof import('../../src/domain/lists/image-list.js')>('domain/lists/image-list.js');

/** What people ask for before they deploy something, of common and of rare values. */
const FILTERS = [
  ...['family,eq,linux', 'family,eq,windows', 'family,eq,solaris', 'family,eq,macos', 'family,ne,linux'],
  ...['state,eq,ok', 'state,eq,incomplete', 'state,eq,broken', 'state,eq,uploading', 'state,eq,unknown', 'state,ne,ok'],
  ...['memory_mib,le,512', 'memory_mib,le,4096', 'memory_mib,le,100', 'cpus,le,2'],
  ...['family,eq,linux;state,eq,ok', 'family,eq,linux;state,eq,broken', 'family,eq,linux;memory_mib,le,2048'],
];
const TARGET_MS = 20;
const PAGE = { number: 1, size: 100, cursor: null };

/** The first page, with its total, of lists that are filtered by what images are; nothing was counted before. */
export async function benchFilters({ spaces, images, passes, onProgress }: FilterBenchOptions): Promise<Verdict[]> {
  const where = spaces === 1 ? 'one space' : `${spaces} spaces`;
  onProgress(`filter: building an index of ${images} images that were read, in ${where}`);
  const index = buildIndex({ spaces, images: images / spaces, isDescribed: true });
  const db = openDatabase(index.file, { readonly: true });
  try {
    const random = createRandom(4);
    const times = new Map<string, number[]>(FILTERS.map((text) => [text, []]));
    for (let pass = 1; pass <= passes; pass++) {
      for (const [text, taken] of times) {
        const user = `user${Math.floor(random() * spaces)}`;
        const filter = parseImageFilter(text);
        const catalogue = createImageCatalogue(db);
        const ask = () => catalogue.images(user, { nameContains: [], filter, sort: DEFAULT_SORT, page: PAGE });
        taken.push(await processorMs(ask));
      }
    }
    const all = [...times.values()].flat();
    const slowest = [...times].map(([text, taken]) => [text, median(taken)] as const).sort(([, a], [, b]) => b - a);
    const p99 = percentile(all, 0.99);
    onProgress(`filter: ${milliseconds(p99)} at the 99th percentile`);
    return [
      {
        name: spaces === 1 ? 'filter' : 'filter, many spaces',
        meaning: `${TARGET_MS} ms / 99th percentile of the processor time of the first page of ${PAGE.size} with its total, filtered by family, state, memory or some of these, of ${images} images in ${where}`,
        ratio: TARGET_MS / p99,
        ratios: [TARGET_MS / p99],
        target: 1,
        context: [
          `file ${megabytes(index.sizeBytes)}, built by SQL in ${seconds(index.elapsedMs)}`,
          `${milliseconds(median(all))}, at the 99th percentile ${milliseconds(p99)}; the slowest by their medians: ${slowest
            .slice(0, 3)
            .map(([text, ms]) => `${text} ${milliseconds(ms)}`)
            .join(', ')}`,
        ],
      },
    ];
  } finally {
    db.close();
    index.remove();
  }
}

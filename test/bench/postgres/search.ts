import { SEARCH_LIST } from '../../../src/domain/lists/image-search.js';
import { createImageCatalogue } from '../../../src/postgres/read/image-catalogue.js';
import { createRandom } from '../bulk-index.js';
import { percentile } from '../percentile.js';
import { processorClockOf, processorMs } from '../processor-time.js';
import { median, type Verdict } from '../ratios.js';
import { milliseconds, seconds } from '../units.js';
import { emptyDatabase, fillDatabase } from './bulk-database.js';
import { startMeasured } from './measured-server.js';

export interface PostgresSearchOptions {
  readonly spaces: number;
  /** Of each. */
  readonly images: number;
  readonly searches: number;
  readonly onProgress: (text: string) => void;
}

const TARGET_MS = 20;
/** Times that each text is searched for, with all others between. */
const PASSES = 3;

/** Searches the names of all spaces for parts that few of them have, and tells what a row of each table takes. */
export async function benchPostgresSearch(options: PostgresSearchOptions): Promise<Verdict> {
  const { spaces, images, searches, onProgress } = options;
  const server = await startMeasured();
  const db = await emptyDatabase(server);
  try {
    onProgress(`postgres search: filling a database with ${spaces * images} images`);
    const begun = performance.now();
    await fillDatabase(db, options);
    const filledMs = performance.now() - begun;
    const row = await db.row<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const serverClock = processorClockOf(row?.pid);
    const catalogue = createImageCatalogue(db);
    const random = createRandom(4);
    const texts = Array.from({ length: searches }, () => `-${String(Math.floor(random() * 99_991)).padStart(5, '0')}-`);
    const passes: number[][] = texts.map(() => []);
    let found = 0;
    for (let pass = 0; pass < PASSES; pass++) {
      for (const [i, text] of texts.entries()) {
        const before = serverClock();
        const oursMs = await processorMs(async () => {
          const page = { number: 1, size: 100, cursor: null };
          const list = await catalogue.search({ nameContains: [text], sort: SEARCH_LIST.byDefault, page });
          found += list.place.total;
        });
        passes[i]?.push(oursMs + serverClock() - before);
      }
    }
    const times = passes.map(median);
    const p99 = percentile(times, 0.99);
    onProgress(`postgres search: ${milliseconds(p99)} at the 99th percentile`);
    return {
      name: 'postgres-search',
      meaning: `${TARGET_MS} ms / 99th percentile of the processor time, the server's and ours, of a search for a part of few of ${spaces * images} names`,
      ratio: TARGET_MS / p99,
      ratios: [TARGET_MS / p99],
      target: 1,
      context: [
        `median ${milliseconds(median(times))}, at the 99th percentile ${milliseconds(p99)}; ${(found / PASSES / searches).toFixed(0)} names have a text; filled in ${seconds(filledMs)}`,
        ...(await sizesOf(db)),
      ],
    };
  } finally {
    await db.close();
    await server.stop();
  }
}

/** Tells the bytes a row of the larger tables, and those of their indexes. */
async function sizesOf(db: Awaited<ReturnType<typeof emptyDatabase>>): Promise<readonly string[]> {
  const rows = await db.rows<{ name: string; table: number; indexes: string }>(
    `SELECT relname AS name, round(pg_table_size(oid) / greatest(reltuples, 1)::numeric)::bigint AS table,
       (SELECT string_agg(indexrelid::regclass || ' ' || round(pg_relation_size(indexrelid) / greatest(pg_class.reltuples, 1)::numeric), ', '
          ORDER BY pg_relation_size(indexrelid) DESC) FROM pg_index WHERE indrelid = pg_class.oid AND pg_relation_size(indexrelid) > 100000) AS indexes
     FROM pg_class WHERE relname IN ('images', 'spaces', 'collections') ORDER BY relname`,
  );
  return rows.map(({ name, table, indexes }) => `${name}: ${table} bytes a row; indexes: ${indexes}`);
}

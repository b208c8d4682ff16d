import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installOvadex } from '../../support/process/ovadex.js';
import { type GeneratedServer, startGeneratedSpace } from '../crawl/generated-server.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';
import { type MeasuredServer, startMeasured } from './measured-server.js';

export interface PostgresCrawlOptions {
  readonly spaces: number;
  /** Of each, with ten images each. */
  readonly collections: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** Of the storage: so much that a crawler waits for it most of the time. */
const LATENCY_MS = 20;
const IMAGES = 10;
const TARGETS = { ofSqlite: 0.7, ofTwo: 1.7 };
const PROGRAM = fileURLToPath(new URL('./crawl-part.ts', import.meta.url));

interface Crawl {
  /** Until the last crawler was through. */
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** First crawls of many spaces on a slow storage: with SQLite, with PostgreSQL, and by two crawlers over one database. */
export async function benchPostgresCrawl(options: PostgresCrawlOptions): Promise<Verdict[]> {
  const { spaces, collections, rounds, onProgress } = options;
  const storage = await startGeneratedSpace();
  const server = await startMeasured();
  const crawl = (crawlers: number, withDatabase: boolean) =>
    crawlOnce({ storage, server: withDatabase ? server : null, spaces, crawlers });
  try {
    await storage.become({ collections, images: IMAGES, shift: 0, latencyMs: LATENCY_MS });
    const [ones, files]: [Crawl[], Crawl[]] = [[], []];
    const note = async (into: Crawl[], crawled: Promise<Crawl>) => {
      into.push(await crawled);
      return into.at(-1)?.elapsedMs ?? 0;
    };
    const bySqlite = await measureRounds(
      rounds,
      () => note(ones, crawl(1, true)),
      () => note(files, crawl(1, false)),
      (n, { ours, theirs }) => onProgress(`postgres crawl: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
    );
    const byTwo = await measureRounds(
      rounds,
      async () => (await crawl(2, true)).elapsedMs,
      async () => (await crawl(1, true)).elapsedMs,
      (n, { ours, theirs }) => onProgress(`two crawlers: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
    );
    const verdict = (
      name: string,
      meaning: string,
      measured: typeof byTwo,
      target: number,
      context: string,
    ): Verdict => {
      const ratios = measured.map(({ ours, theirs }) => theirs / ours);
      return { name, meaning, ratio: median(ratios), ratios, target, context: [context] };
    };
    const size = `${spaces} spaces of ${collections} collections, ${LATENCY_MS} ms an answer`;
    const costs = `processor time of the crawler ${seconds(median(ones.map(({ cpuMs }) => cpuMs)))}, with SQLite ${seconds(median(files.map(({ cpuMs }) => cpuMs)))}`;
    const two = `one ${seconds(median(byTwo.map(({ theirs }) => theirs)))}, two ${seconds(median(byTwo.map(({ ours }) => ours)))}`;
    return [
      verdict(
        'postgres-crawl',
        'a first crawl with SQLite / with PostgreSQL',
        bySqlite,
        TARGETS.ofSqlite,
        `${size}; ${costs}`,
      ),
      verdict(
        'postgres-crawl, two',
        'the same by one crawler / by two, half of the spaces each',
        byTwo,
        TARGETS.ofTwo,
        two,
      ),
    ];
  } finally {
    await server.stop();
    await storage.stop();
  }
}

async function crawlOnce({
  storage,
  server,
  spaces,
  crawlers,
}: {
  readonly storage: GeneratedServer;
  /** null: into SQLite's file. */
  readonly server: MeasuredServer | null;
  readonly spaces: number;
  readonly crawlers: number;
}): Promise<Crawl> {
  const ovadex = await installOvadex();
  try {
    const users = Array.from({ length: spaces }, (_, n) => `u${n}`);
    const data =
      server === null ? {} : { data: { directory: `${ovadex.configFile}.data`, url: await server.createDatabase() } };
    ovadex.configure({
      spaces: users.map((user, n) => ({ user, url: `${storage.url}space-${n + 1}/` })),
      describe: { enabled: false },
      // The storage is none of the limits.
      crawl: { requestsPerHost: 256 },
      ...data,
    });
    const parts: Part[] = [];
    for (let n = 0; n < crawlers; n++) {
      parts.push(
        await startPart(
          ovadex.configFile,
          users.filter((_, at) => at % crawlers === n),
        ),
      );
    }
    const crawled = await Promise.all(parts.map((part) => part.crawl()));
    return {
      elapsedMs: Math.max(...crawled.map(({ elapsedMs }) => elapsedMs)),
      cpuMs: crawled.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    };
  } finally {
    ovadex.remove();
  }
}

interface Part {
  crawl(): Promise<Crawl>;
}

async function startPart(configFile: string, users: readonly string[]): Promise<Part> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, configFile, ...users], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = await lines.next();
  if (ready.value !== 'ready') throw new Error('a crawler did not start');
  return {
    async crawl() {
      child.stdin.write('go\n');
      const line = await lines.next();
      await ended;
      if (line.done === true) throw new Error('a crawler failed');
      return JSON.parse(line.value) as Crawl;
    },
  };
}

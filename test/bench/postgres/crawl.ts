import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installOvadex } from '../../support/process/ovadex.js';
import { type GeneratedServer, startGeneratedSpace } from '../crawl/generated-server.js';
import { measureRounds, median, type Round, ratioOfLeast, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';
import { type MeasuredServer, startMeasured } from './measured-server.js';
import { ownMs } from './process-time.js';

export interface PostgresCrawlOptions {
  readonly spaces: number;
  /** Of each, with ten images each. */
  readonly collections: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** Of the storage. */
const LATENCY_MS = 20;
const IMAGES = 10;
const TARGETS = { ofSqlite: 0.7, ofTwo: 1.7 };
const PROGRAM = fileURLToPath(new URL('./crawl-part.ts', import.meta.url));

/** How much a crawler asks at once; the storage itself is none of the limits. */
interface Pace {
  readonly spacesAtOnce: number;
  readonly requestsPerSpace: number;
}

/** What a crawler does unless it is told otherwise: 32 requests at a time keep a core busy in spite of the latency. */
const EAGER: Pace = { spacesAtOnce: 4, requestsPerSpace: 8 };
/**
 * So few that a crawler waits for the storage most of the time. All crawlers, the storage and the database are on one machine
 * here: crawlers that each have a core busy would take it from one another, which says nothing of hosts of their own. What is
 * left is what they have in common: the rows that they lock, and the disk that commits wait for.
 */
const PATIENT: Pace = { spacesAtOnce: 2, requestsPerSpace: 1 };
/** They take the longer: so many spaces are enough. */
const PATIENT_SHARE = 0.5;

/** What a crawl takes of the processor, in ms, and of the clock. */
interface Crawl {
  /** Until the last crawler was through. */
  readonly elapsedMs: number;
  /** Of all crawlers. */
  readonly crawlersMs: number;
  readonly databaseMs: number;
  readonly storageMs: number;
}

/** First crawls of many spaces on a slow storage: with SQLite, with PostgreSQL, and by two crawlers over one database. */
export async function benchPostgresCrawl(options: PostgresCrawlOptions): Promise<Verdict[]> {
  const { spaces, collections, rounds, onProgress } = options;
  const storage = await startGeneratedSpace();
  const server = await startMeasured();
  /** Compares the time until all is crawled, of the quickest rounds; the ratio is theirs / ours. */
  const compare = async (
    { name, meaning, target }: Pick<Verdict, 'name' | 'meaning' | 'target'>,
    [ours, theirs]: readonly [Scene, Scene],
  ): Promise<Verdict> => {
    const [ofOurs, ofTheirs]: [Crawl[], Crawl[]] = [[], []];
    const note = async (scene: Scene, into: Crawl[]) => {
      const crawled = await crawlOnce({ storage, server, ...scene });
      into.push(crawled);
      return crawled.elapsedMs;
    };
    const measured = await measureRounds(
      rounds,
      () => note(ours, ofOurs),
      () => note(theirs, ofTheirs),
      (n, round) => onProgress(`${name}: round ${n} of ${rounds}: ${ratioOf(round).toFixed(2)}`),
    );
    const ratios = measured.map(ratioOf);
    const context = [
      `${ours.spaces} spaces of ${collections} collections, ${LATENCY_MS} ms an answer`,
      `${theirs.name}: ${costOf(ofTheirs)}`,
      `${ours.name}: ${costOf(ofOurs)}`,
    ];
    return { name, meaning, ratio: ratioOfLeast(measured), ratios, target, context };
  };
  const file: Scene = { name: 'SQLite', crawlers: 1, spaces, pace: EAGER, withDatabase: false };
  const one: Scene = { ...file, name: 'one', withDatabase: true };
  const patient: Scene = { ...one, spaces: Math.ceil(spaces * PATIENT_SHARE), pace: PATIENT };
  try {
    await storage.become({ collections, images: IMAGES, shift: 0, latencyMs: LATENCY_MS });
    return [
      await compare(
        {
          name: 'postgres-crawl',
          meaning: 'a first crawl with SQLite / with PostgreSQL',
          target: TARGETS.ofSqlite,
        },
        [{ ...one, name: 'PostgreSQL' }, file],
      ),
      await compare(
        {
          name: 'postgres-crawl, two',
          meaning: 'a first crawl by one crawler that waits for the storage / by two, half of the spaces each',
          target: TARGETS.ofTwo,
        },
        [{ ...patient, name: 'two', crawlers: 2 }, patient],
      ),
      await compare(
        {
          name: 'postgres-crawl, two that are busy',
          meaning: 'the same by crawlers of which one keeps a core busy: what this machine has left for another',
          target: null,
        },
        [{ ...one, name: 'two', crawlers: 2 }, one],
      ),
    ];
  } finally {
    await server.stop();
    await storage.stop();
  }
}

interface Scene {
  readonly name: string;
  readonly crawlers: number;
  readonly spaces: number;
  readonly pace: Pace;
  /** Else into SQLite's file. */
  readonly withDatabase: boolean;
}

function ratioOf({ ours, theirs }: Round): number {
  return theirs / ours;
}

/** Says what crawls took, and how much of the machine that was. */
function costOf(crawls: readonly Crawl[]): string {
  const of = (part: (crawl: Crawl) => number) => seconds(median(crawls.map(part)));
  const busy = median(crawls.map((each) => (each.crawlersMs + each.databaseMs + each.storageMs) / each.elapsedMs));
  return (
    `${of(({ elapsedMs }) => elapsedMs)}; processor time of crawlers ${of(({ crawlersMs }) => crawlersMs)}, ` +
    `of the database ${of(({ databaseMs }) => databaseMs)}, of the storage ${of(({ storageMs }) => storageMs)}: ` +
    `${busy.toFixed(2)} of ${availableParallelism()} cores`
  );
}

async function crawlOnce({
  storage,
  server,
  spaces,
  crawlers,
  pace,
  withDatabase,
}: Scene & {
  readonly storage: GeneratedServer;
  readonly server: MeasuredServer;
}): Promise<Crawl> {
  const ovadex = await installOvadex();
  try {
    const users = Array.from({ length: spaces }, (_, n) => `u${n}`);
    const data = withDatabase
      ? { data: { directory: `${ovadex.configFile}.data`, url: await server.createDatabase() } }
      : {};
    ovadex.configure({
      spaces: users.map((user, n) => ({ user, url: `${storage.url}space-${n + 1}/` })),
      describe: { enabled: false },
      crawl: { ...pace, requestsPerHost: 256 },
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
    const read = () => ({ databaseMs: server.processorMs(), storageMs: ownMs(storage.pid) });
    const before = read();
    const crawled = await Promise.all(parts.map((part) => part.crawl()));
    const after = read();
    return {
      elapsedMs: Math.max(...crawled.map(({ elapsedMs }) => elapsedMs)),
      crawlersMs: crawled.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      databaseMs: after.databaseMs - before.databaseMs,
      storageMs: after.storageMs - before.storageMs,
    };
  } finally {
    ovadex.remove();
  }
}

/** A crawler, which tells when it is through and what that took; see its program. */
interface Part {
  crawl(): Promise<{ readonly elapsedMs: number; readonly cpuMs: number }>;
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
      return JSON.parse(line.value) as { elapsedMs: number; cpuMs: number };
    },
  };
}

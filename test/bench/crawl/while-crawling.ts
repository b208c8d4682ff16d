import { setTimeout as delay } from 'node:timers/promises';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { runMeasured } from '../child.js';
import { percentile } from '../percentile.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { startSteadyLoad } from '../steady-load.js';
import { milliseconds, seconds } from '../units.js';
import { USER } from './apache-space.js';
import type { GeneratedSpace } from './generated-multistatus.js';
import { type GeneratedServer, startGeneratedSpace } from './generated-server.js';

export interface WhileCrawlingOptions {
  readonly tree: Pick<GeneratedSpace, 'collections' | 'images'>;
  readonly rounds: number;
  /** Before each crawl: in the first half the daemon's code is compiled, in the second the latency without a crawl is seen. */
  readonly warmUpMs: number;
  readonly onProgress: (text: string) => void;
}

/** At most 1.3 times the latency of a crawl in a process of its own. */
const TARGET_RATIO = 1 / 1.3;
/** Far from what the daemon can answer, so that a latency shows what the crawl does to it. */
const REQUESTS_PER_SECOND = 200;
const CONNECTIONS = 4;
const POLL_EVERY_MS = 500;
/** A usual personal space: the one that is asked for. */
const READER = 'reader';
const READERS_IMAGES = 12;

interface Latencies {
  readonly idleP99: number;
  readonly p99: number;
  readonly answers: number;
  readonly crawlMs: number;
}

/**
 * Latency of `GET /v2/image` while a large space is crawled for the first time: by the
 * daemon that answers, asked through its API, against the same crawl as a command
 * beside an idle daemon, with the same data directory.
 */
export async function benchWhileCrawling(options: WhileCrawlingOptions): Promise<Verdict> {
  const { tree, rounds, warmUpMs, onProgress } = options;
  const cleanup = createCleanup();
  try {
    const readers = await startGeneratedSpace();
    cleanup.add(readers.stop);
    await readers.become({ collections: 0, images: READERS_IMAGES, shift: 0 });
    const large = await startGeneratedSpace();
    cleanup.add(large.stop);

    const inside: Latencies[] = [];
    const beside: Latencies[] = [];
    const measure = async (into: Latencies[], isInside: boolean) => {
      const latencies = await crawlUnderLoad({ readers, large, tree, warmUpMs, isInside });
      into.push(latencies);
      return latencies.p99;
    };
    const measured = await measureRounds(
      rounds,
      () => measure(inside, true),
      () => measure(beside, false),
      (n, { ours, theirs }) => onProgress(`while crawling: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => theirs / ours);
    const describe = (runs: readonly Latencies[]) => {
      const middle = (value: (run: Latencies) => number) => median(runs.map(value));
      return `${milliseconds(middle((run) => run.p99))} over ${middle((run) => run.answers)} answers, crawl ${seconds(middle((run) => run.crawlMs))}`;
    };
    return {
      name: 'while crawling',
      meaning: 'p99 of GET /v2/image beside a crawl by ovadex sync / while the daemon itself crawls',
      ratio: median(ratios),
      ratios,
      target: TARGET_RATIO,
      context: [
        `first crawl of ${tree.collections * tree.images} images; ${REQUESTS_PER_SECOND} requests/s at fixed times over ${CONNECTIONS} connections; API, crawler, storage and load share the machine's cores`,
        `p99 inside ${describe(inside)}`,
        `p99 beside ${describe(beside)}; without a crawl ${milliseconds(median([...inside, ...beside].map(({ idleP99 }) => idleP99)))}`,
      ],
    };
  } finally {
    await cleanup.run();
  }
}

async function crawlUnderLoad(options: {
  readonly readers: GeneratedServer;
  readonly large: GeneratedServer;
  readonly tree: WhileCrawlingOptions['tree'];
  readonly warmUpMs: number;
  readonly isInside: boolean;
}): Promise<Latencies> {
  const { readers, large, tree, warmUpMs, isInside } = options;
  const cleanup = createCleanup();
  try {
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      spaces: [
        { user: READER, url: readers.url },
        { user: USER, url: large.url },
      ],
      log: { level: 'warn' },
    });
    // Both are known and not due, the large one as an empty space: the daemon starts no crawl of its own.
    await large.become({ collections: 0, images: 0, shift: 0 });
    await ovadex.json('sync', '--all', '--full');
    await large.become({ ...tree, shift: 0 });
    const reader = await ovadex.createToken(READER);
    const admin = await ovadex.createToken('admin', ['--scope', 'admin']);
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);

    const load = () =>
      startSteadyLoad({
        url: `${daemon.url}v2/image`,
        authorization: `Bearer ${reader.token}`,
        perSecond: REQUESTS_PER_SECOND,
        connections: CONNECTIONS,
      });
    const idle = load();
    await delay(warmUpMs);
    const warming = await idle.stop();

    const expected = tree.collections * tree.images;
    const startedAt = performance.now();
    const busy = load();
    const ended = isInside ? requestSync(daemon.url, admin.token) : syncByCommand(ovadex);
    await Promise.all([ended, untilIndexed(daemon.url, admin.token, expected)]);
    const crawlMs = performance.now() - startedAt;
    const latencies = await busy.stop();
    return {
      idleP99: percentile(warming.slice(warming.length / 2), 0.99),
      p99: percentile(latencies, 0.99),
      answers: latencies.length,
      crawlMs,
    };
  } finally {
    await cleanup.run();
  }
}

async function requestSync(baseUrl: string, token: string): Promise<void> {
  const response = await fetch(`${baseUrl}v2/admin/sync`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user: USER, mode: 'full' }),
  });
  if (response.status !== 202) throw new Error(`a sync was refused: ${response.status} ${await response.text()}`);
}

async function syncByCommand(ovadex: Ovadex): Promise<void> {
  await runMeasured(process.execPath, ovadex.argv('sync', '--user', USER, '--full', '--json'));
}

/** Until readers see all images of the large space; asks alike whoever crawls. */
async function untilIndexed(baseUrl: string, token: string, expected: number): Promise<void> {
  for (let images = 0; images < expected; ) {
    await delay(POLL_EVERY_MS);
    const response = await fetch(`${baseUrl}v2/admin/space/${USER}`, { headers: { authorization: `Bearer ${token}` } });
    const { data } = (await response.json()) as { data: { images: number; last_error: unknown } };
    if (data.last_error !== null) throw new Error(`the crawl failed: ${JSON.stringify(data.last_error)}`);
    images = data.images;
  }
}

import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApache } from '../support/apache.js';
import { makeSharedDirectory, writeAwkwardTree } from '../support/awkward-tree.js';
import { installOvadex } from '../support/ovadex.js';
import { runMeasured } from './child.js';
import { measureRounds, median, type Verdict } from './ratios.js';

export interface CrawlBenchOptions {
  readonly collections: number;
  readonly files: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** What the programs of both sides print. */
export interface TimedRun {
  readonly images: number;
  readonly elapsedMs: number;
}

const USER = 'bench';
/** Both sides get the same; it is the crawler's default for a space. */
const REQUESTS_IN_FLIGHT = 8;
/** What the crawl is to reach; the bench says so where it doesn't. */
const TARGET_RATIO = 4;
/** Of these in one process the last is timed: by then both sides' code is compiled, as in a daemon that has crawled before. */
const PASSES = 4;
const CRAWLER = fileURLToPath(new URL('./crawl-with-ovadex.ts', import.meta.url));
const WALKER = fileURLToPath(new URL('./walk-with-webdav.ts', import.meta.url));

/**
 * A space's first crawl, from opening a new index to the last commit, and the mere
 * listing of it, each against a walk by the `webdav` client's `getDirectoryContents`,
 * all in processes of their own that have done the same before. The names are plain:
 * a bare `%` or a byte that is no UTF-8 makes `getDirectoryContents` fail, and all
 * list the same tree.
 */
export async function benchCrawl(options: CrawlBenchOptions): Promise<readonly Verdict[]> {
  const { collections, files, rounds, onProgress } = options;
  const directory = makeSharedDirectory();
  onProgress(`crawl: writing ${collections} collections and ${files} files`);
  writeAwkwardTree(directory, { collections, files, seed: 1, names: 'plain' });
  const apache = await startApache({ directory });
  const ovadex = await installOvadex();
  ovadex.configure({
    spaces: [{ user: USER, url: apache.url }],
    crawl: { requestsPerSpace: REQUESTS_IN_FLIGHT, requestsPerHost: REQUESTS_IN_FLIGHT },
  });
  const runTimed = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await runMeasured(process.execPath, ['--import', 'tsx', ...args, `${PASSES}`]);
    return JSON.parse(stdout);
  };
  const listings: number[] = [];
  let images = 0;
  const crawl = async () => {
    const run = (await runTimed(CRAWLER, ovadex.configFile, USER)) as { crawl: TimedRun; list: TimedRun };
    listings.push(run.list.elapsedMs);
    images = run.crawl.images;
    return run.crawl.elapsedMs;
  };
  const walk = async () => {
    const run = (await runTimed(WALKER, apache.url, `${REQUESTS_IN_FLIGHT}`)) as TimedRun;
    if (images !== 0 && run.images !== images) throw new Error(`${images} images against ${run.images}`);
    return run.elapsedMs;
  };

  try {
    const measured = await measureRounds(rounds, crawl, walk, (n, { ours, theirs }) => {
      onProgress(`crawl: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`);
    });
    const command = await runMeasured(process.execPath, ovadex.argv('sync', '--user', USER, '--full', '--json'));
    const theirs = measured.map((round) => round.theirs);
    const verdict = (name: string, what: string, ours: readonly number[], context: readonly string[]): Verdict => {
      const ratios = ours.map((ms, i) => (theirs[i] ?? Number.NaN) / ms);
      const meaning = `walk by getDirectoryContents / ${what}, both ${REQUESTS_IN_FLIGHT} in flight, Apache`;
      return { name, meaning, ratio: median(ratios), ratios, target: TARGET_RATIO, context };
    };
    const crawls = measured.map((round) => round.ours);
    return [
      verdict('listing', 'listing by ovadex, nothing indexed', listings, [
        `${collections} collections, ${files} files with plain names, ${images} images`,
        `listing ${seconds(median(listings))}, getDirectoryContents ${seconds(median(theirs))}`,
      ]),
      verdict('crawl', 'first crawl by ovadex with its new index', crawls, [
        `crawl ${seconds(median(crawls))}; as a command from its start, not compiled yet, ${seconds(command.wallMs)}`,
        `peak memory of the command ${Math.round((command.peakRssBytes ?? 0) / 2 ** 20)} MiB`,
      ]),
    ];
  } finally {
    ovadex.remove();
    await apache.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

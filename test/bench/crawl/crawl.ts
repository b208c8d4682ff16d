import { fileURLToPath } from 'node:url';
import { runMeasured } from '../child.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';
import { type ApacheSpace, REQUESTS_IN_FLIGHT, USER } from './apache-space.js';

export interface CrawlBenchOptions {
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** What the programs of both sides print. */
export interface TimedRun {
  readonly images: number;
  readonly elapsedMs: number;
}

export interface CrawlRun extends TimedRun {
  readonly requests: number;
  /** User and system time of the whole process. */
  readonly cpuMs: number;
}

/** What the crawl is to reach; the bench says so where it doesn't. */
const TARGET_RATIO = 4;
/** Of these in one process the last is timed: by then both sides' code is compiled, as in a daemon that has crawled before. */
const PASSES = 4;
const CRAWLER = fileURLToPath(new URL('./crawl-with-ovadex.ts', import.meta.url));
const WALKER = fileURLToPath(new URL('./walk-with-webdav.ts', import.meta.url));

/**
 * A space's first crawl, from opening a new index to the last commit, and the mere
 * listing of it, each against a walk by the `webdav` client's `getDirectoryContents`,
 * all in processes of their own that have done the same before.
 */
export async function benchCrawl(space: ApacheSpace, options: CrawlBenchOptions): Promise<readonly Verdict[]> {
  const { rounds, onProgress } = options;
  const runs: { crawl: CrawlRun; list: CrawlRun }[] = [];
  const crawl = async () => {
    const run = await crawlAndList(space);
    runs.push(run);
    return run.crawl.elapsedMs;
  };
  const walk = async () => {
    const run = (await runTimed(WALKER, space.url, `${REQUESTS_IN_FLIGHT}`)) as TimedRun;
    const images = runs[0]?.crawl.images ?? run.images;
    if (run.images !== images) throw new Error(`${images} images against ${run.images}`);
    return run.elapsedMs;
  };

  const measured = await measureRounds(rounds, crawl, walk, (n, { ours, theirs }) => {
    onProgress(`crawl: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`);
  });
  const theirs = measured.map((round) => round.theirs);
  const verdict = (name: string, what: string, ours: readonly CrawlRun[], context: readonly string[]): Verdict => {
    const ratios = ours.map(({ elapsedMs }, i) => (theirs[i] ?? Number.NaN) / elapsedMs);
    const meaning = `walk by getDirectoryContents / ${what}, both ${REQUESTS_IN_FLIGHT} in flight, Apache`;
    return { name, meaning, ratio: median(ratios), ratios, target: TARGET_RATIO, context };
  };
  const listings = runs.map(({ list }) => list);
  const crawls = runs.map((run) => run.crawl);
  return [
    verdict('listing', 'listing by ovadex, nothing indexed', listings, [
      `${space.collections} collections, ${space.files} files with plain names, ${runs[0]?.crawl.images} images`,
      `listing ${timesOf(listings)}, getDirectoryContents ${seconds(median(theirs))}`,
    ]),
    verdict('crawl', 'first crawl by ovadex with its new index', crawls, [`crawl ${timesOf(crawls)}`]),
  ];
}

/** A warm crawl and a warm listing of the space in a process of their own. */
export async function crawlAndList({ ovadex }: ApacheSpace): Promise<{ crawl: CrawlRun; list: CrawlRun }> {
  return (await runTimed(CRAWLER, ovadex.configFile, USER)) as { crawl: CrawlRun; list: CrawlRun };
}

/** Wall and processor time: where others use the machine, too, the latter tells more. */
export function timesOf(runs: readonly CrawlRun[]): string {
  const wall = median(runs.map(({ elapsedMs }) => elapsedMs));
  const cpu = median(runs.map(({ cpuMs }) => cpuMs));
  return `${seconds(wall)} (processor time ${seconds(cpu)})`;
}

async function runTimed(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await runMeasured(process.execPath, ['--import', 'tsx', ...args, `${PASSES}`]);
  return JSON.parse(stdout);
}

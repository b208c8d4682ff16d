import { measureRounds, median, type Verdict } from '../ratios.js';
import { perSecond } from '../units.js';
import { type ApacheSpace, REQUESTS_IN_FLIGHT } from './apache-space.js';
import { type CrawlRun, crawlAndList, timesOf } from './crawl.js';
import { createPropfindLoad } from './propfind-load.js';

export interface ServerLimitOptions {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

/**
 * Client and server share the cores: with 0.5, to read, compare and store an answer would cost no more than to make it. This is
 * what a first crawl is to come to.
 */
const TARGET_RATIO = 0.42;

/**
 * A space's first crawl, and the mere listing of it, against the rate at which the
 * same server answers the same requests to a client that doesn't read the answers.
 */
export async function benchServerLimit(space: ApacheSpace, options: ServerLimitOptions): Promise<readonly Verdict[]> {
  const { rounds, secondsEach, onProgress } = options;
  const load = await createPropfindLoad(space);
  try {
    await load.perSecond(secondsEach); // the server has all it reads in memory from here on
    const runs: { crawl: CrawlRun; list: CrawlRun }[] = [];
    const crawl = async () => {
      const run = await crawlAndList(space);
      runs.push(run);
      return rateOf(run.crawl);
    };
    const measured = await measureRounds(
      rounds,
      crawl,
      () => load.perSecond(secondsEach),
      (n, { ours, theirs }) => onProgress(`limit: round ${n} of ${rounds}: ${(ours / theirs).toFixed(2)}`),
    );
    const limits = measured.map(({ theirs }) => theirs);
    const verdict = (name: string, what: string, ours: readonly CrawlRun[], target: number | null): Verdict => {
      const rates = ours.map(rateOf);
      const ratios = rates.map((rate, i) => rate / (limits[i] ?? Number.NaN));
      const meaning = `PROPFINDs a second of ${what} / of a client that reads no answer, both ${REQUESTS_IN_FLIGHT} in flight, Apache`;
      const context = [
        `${perSecond(median(rates), 'requests')} of ${ours[0]?.requests} in all, in ${timesOf(ours)}`,
        `the same requests by ${load.tool}: ${perSecond(median(limits), 'requests')}, Apache and client on the same cores`,
      ];
      return { name, meaning, ratio: median(ratios), ratios, target, context };
    };
    return [
      verdict(
        'listing limit',
        'listing by ovadex, nothing indexed',
        runs.map(({ list }) => list),
        null,
      ),
      verdict(
        'crawl limit',
        'a first crawl by ovadex with its new index',
        runs.map((run) => run.crawl),
        TARGET_RATIO,
      ),
    ];
  } finally {
    load.remove();
  }
}

function rateOf({ requests, elapsedMs }: CrawlRun): number {
  return (requests / elapsedMs) * 1000;
}

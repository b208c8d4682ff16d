import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApache } from '../support/apache.js';
import { makeSharedDirectory, writeAwkwardTree } from '../support/awkward-tree.js';
import { installOvadex, type Ovadex } from '../support/ovadex.js';
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
/** What the crawl is promised to reach, the index included. */
const TARGET_RATIO = 4;
const CRAWLER = fileURLToPath(new URL('./crawl-with-ovadex.ts', import.meta.url));
const WALKER = fileURLToPath(new URL('./walk-with-webdav.ts', import.meta.url));

/**
 * A space's first crawl, from opening a new index to the last commit, against a
 * mere walk by the `webdav` client's `getDirectoryContents`; both timed inside a
 * process of their own, without its start. The names are plain: a bare `%` or a
 * byte that is no UTF-8 makes `getDirectoryContents` fail, and both list the same tree.
 */
export async function benchCrawl({ collections, files, rounds, onProgress }: CrawlBenchOptions): Promise<Verdict> {
  const directory = makeSharedDirectory();
  onProgress(`crawl: writing ${collections} collections and ${files} files`);
  writeAwkwardTree(directory, { collections, files, seed: 1, names: 'plain' });
  const apache = await startApache({ directory });
  const seen = { ours: 0, theirs: 0 };

  const withOvadex = async <T>(use: (ovadex: Ovadex) => Promise<T>): Promise<T> => {
    const ovadex = await installOvadex(); // an empty index each time
    try {
      ovadex.configure({
        spaces: [{ user: USER, url: apache.url }],
        crawl: { requestsPerSpace: REQUESTS_IN_FLIGHT, requestsPerHost: REQUESTS_IN_FLIGHT },
      });
      return await use(ovadex);
    } finally {
      ovadex.remove();
    }
  };
  const runTimed = async (...args: readonly string[]) => {
    const { stdout } = await runMeasured(process.execPath, ['--import', 'tsx', ...args]);
    return JSON.parse(stdout) as TimedRun;
  };
  const crawl = () =>
    withOvadex(async ({ configFile }) => {
      const { images, elapsedMs } = await runTimed(CRAWLER, configFile, USER);
      seen.ours = images;
      return elapsedMs;
    });
  const walk = async () => {
    const { images, elapsedMs } = await runTimed(WALKER, apache.url, `${REQUESTS_IN_FLIGHT}`);
    seen.theirs = images;
    return elapsedMs;
  };

  try {
    const measured = await measureRounds(rounds, crawl, walk, (n, { ours, theirs }) => {
      if (seen.ours !== seen.theirs) {
        throw new Error(`the crawl saw ${seen.ours} images, getDirectoryContents ${seen.theirs}`);
      }
      onProgress(`crawl: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`);
    });
    const command = await withOvadex(({ argv }) =>
      runMeasured(process.execPath, argv('sync', '--user', USER, '--full', '--json')),
    );
    const ratios = measured.map(({ ours, theirs }) => theirs / ours);
    return {
      name: 'crawl',
      meaning: `walk by getDirectoryContents / crawl by ovadex with its index, both ${REQUESTS_IN_FLIGHT} in flight, Apache`,
      ratio: median(ratios),
      ratios,
      target: TARGET_RATIO,
      context: [
        `${collections} collections, ${files} files with plain names, ${seen.ours} images`,
        `crawl ${seconds(median(measured.map(({ ours }) => ours)))}, ` +
          `getDirectoryContents ${seconds(median(measured.map(({ theirs }) => theirs)))}`,
        `the whole command "ovadex sync --full" ${seconds(command.wallMs)}, ` +
          `peak memory ${Math.round((command.peakRssBytes ?? 0) / 2 ** 20)} MiB`,
      ],
    };
  } finally {
    await apache.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

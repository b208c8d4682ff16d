import { findProgram } from '../../support/process/installed.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { rcloneMissing } from '../../support/servers/rclone.js';
import { runMeasured } from '../child.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { megabytes, seconds } from '../units.js';
import { type ApacheSpace, REQUESTS_IN_FLIGHT, USER } from './apache-space.js';

export { rcloneMissing };

export interface RcloneOptions {
  /** rclone 1.60 paces itself to about 100 requests a second whatever the machine does: one is nearly as good as five. */
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** rclone takes half a minute for what a crawl takes a second or two for. */
const TARGET_RATIO = 15;

/** Both as commands, from their start to their end; ovadex with a new index. */
export async function benchRclone(space: ApacheSpace, { rounds, onProgress }: RcloneOptions): Promise<Verdict> {
  const rclone = findProgram('rclone') ?? 'rclone';
  const version = /rclone v(\S+)/.exec((await runMeasured(rclone, ['version'])).stdout)?.[1];
  let peakRssBytes = 0;
  const sync = async () => {
    const ovadex = await installOvadex();
    try {
      ovadex.configure({
        spaces: [{ user: USER, url: space.url }],
        crawl: { requestsPerSpace: REQUESTS_IN_FLIGHT, requestsPerHost: REQUESTS_IN_FLIGHT },
      });
      const run = await runMeasured(process.execPath, ovadex.argv('sync', '--user', USER, '--full', '--json'));
      peakRssBytes = run.peakRssBytes ?? 0;
      return run.wallMs;
    } finally {
      ovadex.remove();
    }
  };
  const list = async () => {
    // No configuration file is read; the remote stands in the arguments.
    const args = ['lsf', '-R', '--config', '', '--webdav-url', space.url, ':webdav:'];
    const { stdout, wallMs } = await runMeasured(rclone, args);
    const listed = stdout.split('\n').length - 1;
    const expected = space.files + space.collections;
    if (listed !== expected) throw new Error(`rclone listed ${listed} of ${expected} files and collections`);
    return wallMs;
  };
  const measured = await measureRounds(rounds, sync, list, (n, { ours, theirs }) => {
    onProgress(`rclone: round ${n} of ${rounds}: ${(theirs / ours).toFixed(1)}`);
  });
  const ratios = measured.map(({ ours, theirs }) => theirs / ours);
  return {
    name: 'rclone',
    meaning: 'rclone lsf -R with its defaults / ovadex sync --full with a new index, both as commands, Apache',
    ratio: median(ratios),
    ratios,
    target: TARGET_RATIO,
    context: [
      `rclone ${version} ${seconds(median(measured.map(({ theirs }) => theirs)))}, ovadex ${seconds(median(measured.map(({ ours }) => ours)))}`,
      `peak memory of ovadex's command ${megabytes(peakRssBytes)}`,
    ],
  };
}

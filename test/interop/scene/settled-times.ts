import { statSync, utimesSync } from 'node:fs';
import { join } from '../../support/awkward-tree.js';
import { find } from './disk-truth.js';

/** Long past, and whole in seconds: each use takes the next minute. */
const FIRST_SECONDS = Date.UTC(2024, 4, 17, 12, 0, 0) / 1000;
const STEP_SECONDS = 60;

/** Gives directories and files times as they have when nobody has touched them for a while. */
export interface SettledTimes {
  /**
   * Sets back the time of every directory and file that was changed since, each to one that
   * none had before: what a marker shows has moved, and neither that nor an upload is a matter of seconds.
   */
  settle(directory: string): Promise<void>;
}

export function createSettledTimes(): SettledTimes {
  let next = FIRST_SECONDS;
  const isSettled = (path: Buffer) => statSync(path).mtimeMs < (next + 1) * 1000;
  return {
    async settle(directory) {
      const root = Buffer.from(directory);
      const all = [root, ...(await find(directory, '-type', 'd,f')).map((path) => join(root, path))];
      for (const path of all.filter((each) => !isSettled(each))) {
        next += STEP_SECONDS;
        utimesSync(path, next, next);
      }
    },
  };
}

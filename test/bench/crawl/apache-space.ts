import { rmSync } from 'node:fs';
import { makeSharedDirectory, writeAwkwardTree } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { startApache } from '../../support/servers/apache.js';

export interface TreeSize {
  readonly collections: number;
  readonly files: number;
}

/** A tree on Apache, and an ovadex that crawls it. */
export interface ApacheSpace extends TreeSize {
  readonly url: string;
  readonly directory: string;
  readonly ovadex: Ovadex;
  remove(): Promise<void>;
}

/** Whose space it is. */
export const USER = 'bench';
/** Every lister gets the same; it is the crawler's default for a space. */
export const REQUESTS_IN_FLIGHT = 8;

/**
 * The names are plain: a bare `%` or a byte that is no UTF-8 makes the `webdav`
 * client's own listing fail, and all are to list the same tree.
 */
export async function openApacheSpace({ collections, files }: TreeSize): Promise<ApacheSpace> {
  const directory = makeSharedDirectory();
  const cleanup = createCleanup();
  cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
  try {
    writeAwkwardTree(directory, { collections, files, seed: 1, names: 'plain' });
    const apache = await startApache({ directory });
    cleanup.add(apache.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      spaces: [{ user: USER, url: apache.url }],
      crawl: { requestsPerSpace: REQUESTS_IN_FLIGHT, requestsPerHost: REQUESTS_IN_FLIGHT },
    });
    return { collections, files, url: apache.url, directory, ovadex, remove: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

import { rmSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { makeSharedDirectory } from '../support/awkward-tree.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex, type Ovadex, type SyncRun } from '../support/ovadex.js';
import type { ServerProcess } from '../support/server-process.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from './disk-truth.js';
import type { Subject } from './subjects.js';

/** A directory, a real server that shows it, and ovadex with one space there. */
export interface Scene {
  readonly directory: string;
  readonly server: ServerProcess;
  readonly ovadex: Ovadex;
  /** Changes the disk and waits until the server can't but show it. */
  change(make: () => void): Promise<void>;
  sync(...flags: readonly string[]): Promise<SyncRun>;
  /** The paths that the index shows, `inOrder`. */
  images(): Promise<readonly string[]>;
  /** The id of each of them. */
  ids(): Promise<ReadonlyMap<string, number>>;
  /** Expects that the index shows exactly the images that `find` sees. */
  expectTruth(): Promise<void>;
  /** Ends the server and removes everything. */
  end(): Promise<void>;
}

export const USER = 'jm';
/** How a sync ends that leaves nothing as it was. */
export const WHOLE = { code: 0, warnings: [] };
/** How one ends that leaves something as it was (EX_TEMPFAIL of sysexits.h). */
export const INCOMPLETE = 75;
/** How one ends that fails as a whole (EX_UNAVAILABLE). */
export const FAILED = 69;

export async function startScene(
  subject: Pick<Subject, 'start' | 'memoryMs'>,
  options: {
    /** Puts files into the directory before the server starts. */
    readonly fill: (directory: string) => void | Promise<void>;
    readonly crawl?: object;
    readonly storage?: object;
  },
): Promise<Scene> {
  const cleanup = createCleanup();
  try {
    const directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    await options.fill(directory);
    const server = await subject.start({ directory });
    cleanup.add(server.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const { crawl = {}, storage = {} } = options;
    ovadex.configure({ storage, spaces: [{ user: USER, url: server.url }], crawl });

    const images = async () => inOrder(await ovadex.images(USER));
    return {
      directory,
      server,
      ovadex,
      async change(make) {
        make();
        await waitUntil(Date.now() + subject.memoryMs);
      },
      sync: (...flags) => ovadex.sync(USER, ...flags),
      images,
      async ids() {
        const shown = (await ovadex.json('images', '--user', USER)) as { images: { path: string; id: number }[] };
        return new Map(shown.images.map(({ path, id }) => [path, id]));
      },
      async expectTruth() {
        expect(difference(await images(), await imagesOnDisk(directory))).toEqual(NO_DIFFERENCE);
      },
      end: cleanup.run,
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Sorted as `Scene.images` is. */
export function inOrder(paths: readonly string[]): string[] {
  return [...paths].sort((a, b) => (a < b ? -1 : 1));
}

async function waitUntil(time: number): Promise<void> {
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThanOrEqual(time), { timeout: 5_000, interval: 20 });
}

import { rmSync } from 'node:fs';
import { expect, vi } from 'vitest';
import type { SpaceState } from '../../src/domain/space.js';
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
  /** Ends the server, and starts it again where it was once `act` is done. */
  whileDown(act: () => unknown): Promise<void>;
  sync(...flags: readonly string[]): Promise<SyncRun>;
  /** The paths that the index shows, `inOrder`. */
  images(): Promise<readonly string[]>;
  /** The id of each of them. */
  ids(): Promise<ReadonlyMap<string, number>>;
  /** As `ovadex spaces` tells it. */
  space(): Promise<SpaceCondition>;
  /** Expects that the index shows exactly the images that `find` sees. */
  expectTruth(): Promise<void>;
  /** Ends the server and removes everything. */
  end(): Promise<void>;
}

export interface SpaceCondition {
  readonly state: SpaceState;
  readonly held_removals: number | null;
  /** What an incremental sync may skip. */
  readonly pruning: 'learning' | 'names' | 'subtree' | 'off';
  readonly mismatches: number;
}

export const USER = 'jm';
/** How a sync ends that leaves nothing as it was. */
export const WHOLE = { code: 0, warnings: [] };
/** How one ends that leaves something as it was (EX_TEMPFAIL of sysexits.h). */
export const INCOMPLETE = 75;
/** How one ends that fails as a whole (EX_UNAVAILABLE). */
export const FAILED = 69;

export async function startScene(
  subject: Pick<Subject, 'start' | 'memoryMs' | 'publish'>,
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
    let server = await subject.start({ directory });
    cleanup.add(() => server.stop());
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
        subject.publish?.(directory);
        await waitUntil(Date.now() + subject.memoryMs);
      },
      async whileDown(act) {
        await server.stop();
        try {
          await act();
        } finally {
          server = await subject.start({ directory, port: server.port });
        }
      },
      sync: (...flags) => ovadex.sync(USER, ...flags),
      images,
      async ids() {
        const shown = (await ovadex.json('images', '--user', USER)) as { images: { path: string; id: number }[] };
        return new Map(shown.images.map(({ path, id }) => [path, id]));
      },
      async space() {
        // Its exit code tells of trouble, too.
        const { stdout } = await ovadex.run('spaces', '--json');
        const { spaces } = JSON.parse(stdout) as { spaces: [SpaceCondition] };
        return spaces[0];
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

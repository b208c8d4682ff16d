import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { pruningOf } from '../../../src/domain/model/markers.js';
import { type SpaceState, stateOf } from '../../../src/domain/model/space.js';
import type { ImageList } from '../../../src/domain/ports/image-catalogue.js';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex, type Ovadex, type SyncRun } from '../../support/process/ovadex.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
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
  /** The same in a process of its own, for a test that does something meanwhile. */
  syncApart(...flags: readonly string[]): Promise<SyncRun>;
  /** The paths that the index shows, `inOrder`. */
  images(): Promise<readonly string[]>;
  /** The id of each of them. */
  ids(): Promise<ReadonlyMap<string, number>>;
  /** In the words of `ovadex spaces`. */
  space(): Promise<SpaceCondition>;
  /** The images that `find` sees. */
  imagesOnDisk(): Promise<readonly string[]>;
  /** Expects that the index shows exactly the images that `find` sees. */
  expectTruth(): Promise<void>;
  /** Ends the server and removes everything. */
  end(): Promise<void>;
}

export interface SpaceCondition {
  readonly state: SpaceState;
  readonly heldRemovals: number | null;
  /** What an incremental sync may skip. */
  readonly pruning: ReturnType<typeof pruningOf>;
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
    readonly describe?: object;
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
    const { crawl = {}, storage = {}, describe = {} } = options;
    ovadex.configure({ storage, spaces: [{ user: USER, url: server.url }], crawl, describe });

    const look = () => lookInto(dirname(ovadex.configFile));
    const images = async () => inOrder((await look()).images.map(({ path }) => path));
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
      syncApart: (...flags) => ovadex.syncApart(USER, ...flags),
      images,
      ids: async () => new Map((await look()).images.map(({ path, id }) => [path, id])),
      async space() {
        const { space } = await look();
        const { heldRemovals, evidence } = space;
        const state = stateOf(space, Date.now(), Number.POSITIVE_INFINITY);
        return { state, heldRemovals, pruning: pruningOf(evidence), mismatches: evidence.mismatches };
      },
      imagesOnDisk: () => imagesOnDisk(directory),
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

/** What the index knows at this moment; a process for each look would take most of a test's time. */
async function lookInto(installation: string): Promise<ImageList> {
  const index = await openIndex({ data: { directory: join(installation, 'data') } }, { readonly: true });
  try {
    const found = await index.catalogue.images(USER, { nameContains: [], sort: DEFAULT_SORT });
    if (found === null) throw new Error(`the index has no space of ${USER}`);
    return found;
  } finally {
    await index.close();
  }
}

/** Sorted as `Scene.images` is. */
export function inOrder(paths: readonly string[]): string[] {
  return [...paths].sort((a, b) => (a < b ? -1 : 1));
}

/** The clock by which the kernel dates files lags behind by up to a tick, 10 ms at most. */
const TICK_MS = 10;

/** Waits until files get the date of another second: the dates of storages have whole ones. */
export async function nextSecond(): Promise<void> {
  await waitUntil((Math.floor(Date.now() / 1000) + 1) * 1000 + TICK_MS);
}

async function waitUntil(time: number): Promise<void> {
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThanOrEqual(time), { timeout: 5_000, interval: 20 });
}

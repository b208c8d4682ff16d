import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SyncCounts } from '../../src/domain/model/sync.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { runMeasured } from './child.js';
import { USER } from './crawl/apache-space.js';
import type { GeneratedSpace } from './crawl/generated-multistatus.js';
import { type GeneratedServer, startGeneratedSpace } from './crawl/generated-server.js';
import type { Verdict } from './ratios.js';
import { megabytes, seconds } from './units.js';

export interface MemoryBenchOptions {
  /** All in one collection. */
  readonly flat: number;
  readonly tree: Pick<GeneratedSpace, 'collections' | 'images'>;
  /** How many of the flat ones go, and as many come. */
  readonly shifted: number;
  readonly onProgress: (text: string) => void;
}

/** What the program of one crawl prints. */
export interface MemoryRun {
  readonly counts: SyncCounts;
  readonly growthBytes: number;
  readonly beforeBytes: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** 16 MiB of it are the index's cache of pages; the rest is for whatever is on its way. It must not depend on the space's size. */
const LIMIT_BYTES = 150e6;
const PROGRAM = fileURLToPath(new URL('./crawl/crawl-memory.ts', import.meta.url));

/** What the memory bench lacks to run here, or null. */
export const memoryMissing = existsSync('/proc/self/clear_refs') ? null : "Linux's /proc/self/clear_refs";

/** How much memory a crawl takes beyond what the crawler has before it, each crawl in a process of its own. */
export async function benchMemory(options: MemoryBenchOptions): Promise<readonly Verdict[]> {
  const { flat, tree, shifted, onProgress } = options;
  const verdicts: Verdict[] = [];
  const note = (name: string, what: string, run: MemoryRun) => {
    onProgress(`memory: ${name}: ${megabytes(run.growthBytes)}`);
    verdicts.push(verdictOf(`memory, ${name}`, what, run));
  };
  const inOne = `${flat} images in one collection`;

  await withServer(async (crawl, become) => {
    await become({ collections: 0, images: flat, shift: 0 });
    note('first', `first crawl of ${inOne}`, await crawl({ added: flat, removed: 0 }));
    note('again', `second crawl of ${inOne}, none of them changed`, await crawl({ added: 0, removed: 0 }));
    await become({ collections: 0, images: flat, shift: shifted });
    const what = `third crawl of ${inOne}, ${shifted} gone and ${shifted} new`;
    note('changed', what, await crawl({ added: shifted, removed: shifted }));
  });
  await withServer(async (crawl, become) => {
    await become({ ...tree, shift: 0 });
    const images = tree.collections * tree.images;
    const what = `first crawl of ${images} images in ${tree.collections} collections`;
    note('tree', what, await crawl({ added: images, removed: 0 }));
  });
  return verdicts;
}

type Crawl = (expected: Pick<SyncCounts, 'added' | 'removed'>) => Promise<MemoryRun>;

async function withServer(use: (crawl: Crawl, become: GeneratedServer['become']) => Promise<void>): Promise<void> {
  const cleanup = createCleanup();
  try {
    const server = await startGeneratedSpace();
    cleanup.add(server.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({ spaces: [{ user: USER, url: server.url }] });
    const crawl: Crawl = async (expected) => {
      const args = ['--expose-gc', '--import', 'tsx', PROGRAM, ovadex.configFile, USER];
      const run = JSON.parse((await runMeasured(process.execPath, args)).stdout) as MemoryRun;
      const { added, altered, removed, failures } = run.counts;
      const isAsExpected = added === expected.added && removed === expected.removed && altered + failures === 0;
      if (!isAsExpected) throw new Error(`the crawl found ${JSON.stringify(run.counts)}`);
      return run;
    };
    await use(crawl, server.become);
  } finally {
    await cleanup.run();
  }
}

function verdictOf(name: string, what: string, run: MemoryRun): Verdict {
  const ratio = LIMIT_BYTES / run.growthBytes;
  return {
    name,
    meaning: `${megabytes(LIMIT_BYTES)} / growth of the memory by a ${what}`,
    ratio,
    ratios: [ratio],
    target: 1,
    context: [
      `grew by ${megabytes(run.growthBytes)} from ${megabytes(run.beforeBytes)} in ${seconds(run.elapsedMs)} (processor time ${seconds(run.cpuMs)})`,
    ],
  };
}

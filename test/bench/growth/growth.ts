import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted } from '../../../src/domain/text/counted.js';
import { createCleanup } from '../../support/cleanup.js';
import { startServerProcess } from '../../support/servers/server-process.js';
import type { Verdict } from '../ratios.js';
import { seconds } from '../units.js';
import type { Cost, Costs } from './cost.js';
import type { Size } from './crawled-index.js';
import { costsOfDaemon } from './daemon.js';
import type { Looks } from './looks.js';
import { costOfRun } from './measure.js';
import { makeScratch } from './scratch.js';
import { type Axis, growthTable, verdictsOf } from './table.js';

export interface GrowthOptions {
  /** Each with ten images in every space. */
  readonly spaces: readonly number[];
  /** Of each of so many spaces, one size after the other. */
  readonly images: { readonly spaces: number; readonly each: readonly number[] };
  /** Of a single space. */
  readonly inOne: readonly number[];
  /** Lists and searches of each kind. */
  readonly questions: number;
  /** How long a daemon is watched that has nothing to do. */
  readonly restMs: number;
  readonly looks: Looks;
  readonly onProgress: (text: string) => void;
}

const FILL = fileURLToPath(new URL('./fill.ts', import.meta.url));
const READS = fileURLToPath(new URL('./reads.ts', import.meta.url));
const STORAGE = fileURLToPath(new URL('./storage.ts', import.meta.url));
const PROGRAM = ['--import', 'tsx'];
const FEW_IMAGES = 10;

interface Cell extends Size {
  /** Otherwise only its lists are asked for. */
  readonly isServed: boolean;
}

/** What is done with an index, over more and more spaces and images: how processor time and memory follow them. */
export async function benchGrowth(
  options: GrowthOptions,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly table: string }> {
  const cleanup = createCleanup();
  try {
    const scratch = makeScratch();
    cleanup.add(scratch.remove);
    const storage = await startServerProcess(({ port }) => ({
      program: process.execPath,
      args: [...PROGRAM, STORAGE, `${port}`],
    }));
    cleanup.add(storage.stop);
    const env = { ...process.env, TMPDIR: scratch.path };
    const known = new Map<string, Costs>();
    const measure = async (cell: Cell) => {
      const key = `${cell.spaces} ${cell.images}`;
      const costs = known.get(key) ?? (await measureCell(cell, { ...options, storageUrl: storage.url, env }));
      known.set(key, costs);
      return costs;
    };

    const { spaces: few, each } = options.images;
    const axes: readonly { readonly axis: Omit<Axis, 'costs'>; readonly cells: readonly Cell[] }[] = [
      {
        axis: { name: 'spaces', sizes: options.spaces, unit: 'spaces' },
        cells: options.spaces.map((spaces) => ({ spaces, images: FEW_IMAGES, isServed: true })),
      },
      {
        axis: { name: 'images', sizes: each.map((images) => few * images), unit: 'images' },
        cells: each.map((images) => ({ spaces: few, images, isServed: true })),
      },
      {
        axis: { name: 'one space', sizes: options.inOne, unit: 'images' },
        cells: options.inOne.map((images) => ({ spaces: 1, images, isServed: false })),
      },
    ];
    const measured: Axis[] = [];
    for (const { axis, cells } of axes) {
      const costs: Costs[] = [];
      for (const cell of cells) costs.push(await measure(cell));
      measured.push({ ...axis, costs });
    }
    return { verdicts: verdictsOf(measured), table: growthTable(measured) };
  } finally {
    await cleanup.run();
  }
}

async function measureCell(
  cell: Cell,
  options: GrowthOptions & { readonly storageUrl: string; readonly env: NodeJS.ProcessEnv },
): Promise<Costs> {
  const { spaces, images } = cell;
  const { storageUrl, env, restMs, looks } = options;
  const name = `${counted(spaces, 'space')} with ${images.toLocaleString('en')} images${spaces > 1 ? ' each' : ''}`;
  const onProgress = (text: string) => options.onProgress(`growth: ${name}: ${text}`);
  onProgress('filling');
  const filled = await costOfRun([...PROGRAM, FILL, `${spaces}`, `${images}`, storageUrl], {
    env,
    onError: (text) => process.stderr.write(text),
  });
  const { file, sizeBytes } = JSON.parse(filled.stdout) as { readonly file: string; readonly sizeBytes: number };
  try {
    onProgress(`filled in ${seconds(filled.cpuMs)} of processor time: ${Math.round(sizeBytes / 1e6)} MB`);
    const costs = new Map<string, Cost>();
    const read = await costOfRun([...PROGRAM, READS, file, `${spaces}`, `${images}`, `${options.questions}`], { env });
    for (const [what, cpuMs] of Object.entries(JSON.parse(read.stdout) as Record<string, number>)) {
      costs.set(what, { cpuMs, peakBytes: null });
    }
    if (!cell.isServed) return costs;
    const scene = { indexFile: file, storageUrl, size: cell, restMs, looks, onProgress };
    return new Map([...costs, ...(await costsOfDaemon(scene))]);
  } finally {
    rmSync(dirname(file), { recursive: true, force: true });
  }
}

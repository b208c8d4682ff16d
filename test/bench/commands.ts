import { dirname } from 'node:path';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { processorSeconds } from '../support/process/processor-seconds.js';
import { buildIndex } from './bulk-index.js';
import { limitVerdict } from './limit-verdict.js';
import type { Verdict } from './ratios.js';
import { milliseconds } from './units.js';

export interface CommandBenchOptions {
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** What people wait for at a prompt without noticing. */
const LIMIT_MS = 200;
/** So few that the command's own start is what is measured. */
const INDEX = { spaces: 10, images: 100 };
const COMMANDS = [['images', '--user', 'user1'], ['spaces'], ['status'], ['config', 'check']];

/** What short commands cost from start to end, on a small index, in processor time. */
export async function benchCommands({ rounds, onProgress }: CommandBenchOptions): Promise<readonly Verdict[]> {
  const cleanup = createCleanup();
  try {
    const index = buildIndex(INDEX);
    cleanup.add(index.remove);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      data: { directory: dirname(index.file) },
      storage: { url: 'http://dav.test/{user}/' },
      spaces: Array.from({ length: INDEX.spaces }, (_, i) => ({ user: `user${i}` })),
    });
    const verdicts: Verdict[] = [];
    for (const words of COMMANDS) {
      const name = words.filter((word) => /^[a-z]+$/.test(word)).join(' ');
      const values: number[] = [];
      for (let n = 0; n < rounds; n++) values.push((await processorSeconds(ovadex.argv(...words))) * 1_000);
      onProgress(`start: ${name}: ${values.map((ms) => milliseconds(ms)).join(', ')}`);
      const meaning = `${milliseconds(LIMIT_MS)} of processor time / ovadex ${name} on a small index`;
      const context = (value: number) => `takes ${milliseconds(value)}`;
      verdicts.push(limitVerdict(`start, ${name}`, meaning, LIMIT_MS, { values, context }));
    }
    return verdicts;
  } finally {
    await cleanup.run();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { type Cost, type CostOfTime, costOfOne } from './cost.js';
import { costWhile } from './measure.js';

/** How pages are asked for that people or monitoring look at. */
export interface Looks {
  /** In a row at one page; the others have their turns then, and so has rest. */
  readonly times: number;
  readonly everyMs: number;
  /** How often each page has its turn. */
  readonly series: number;
}

/**
 * What one look at each page takes of a process, by the pages' names: beyond what it takes at rest meanwhile, and medians of the series.
 * What comes now and then beside them, as garbage is collected or code compiled, is as much as half of a few looks.
 */
export async function costsOfLooks(
  pid: number | undefined,
  pages: ReadonlyMap<string, () => Promise<void>>,
  { times, everyMs, series }: Looks,
): Promise<ReadonlyMap<string, Cost>> {
  const several = async (look: () => Promise<void>) => {
    for (let n = 0; n < times; n++) {
      await look();
      await delay(everyMs);
    }
  };
  // The first look loads what it needs.
  for (const look of pages.values()) await look();
  const rests: CostOfTime[] = [];
  const taken = new Map([...pages.keys()].map((name): [string, CostOfTime[]] => [name, []]));
  for (let n = 0; n < series; n++) {
    rests.push(await costWhile(pid, () => delay(times * everyMs), 0));
    for (const [name, look] of pages) taken.get(name)?.push(await costWhile(pid, () => several(look), 0));
  }
  return new Map([...taken].map(([name, all]) => [name, costOfOne(all, rests, times)]));
}

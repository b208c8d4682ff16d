import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openIndex } from '../../src/app/open-index.js';
import { LEASE_MS } from '../../src/crawl/sync-run.js';
import { createChance } from './chance.js';
import { demand, quoted } from './check/violation.js';
import type { ChildPlan } from './crawl-child.js';
import { createChangeDrawer } from './draw/changes.js';
import { drawNamePool } from './draw/names.js';
import type { ServerPlan } from './history.js';
import { createReader } from './reader.js';
import { createSketch } from './sketch.js';
import { type Stage, USER } from './stage.js';
import { createStorage } from './storage.js';
import type { Tally } from './tally.js';

const CHILD = fileURLToPath(new URL('./crawl-child.ts', import.meta.url));
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** So long an answer takes: a kill at a request then hits the middle of others. */
const LATENCY_MS = 2;
/** Reads while another process writes, as often as the machine allows beside it. */
const READ_EVERY_MS = 1;
const KILLS_OF_A_ROUND = 3;

const SERVER: ServerPlan = {
  basePath: '/dav/jm/',
  markers: 'apache',
  isOwncloudInName: false,
  areMountsStill: false,
  hrefs: 'path',
  properties: {},
  auth: 'none',
  nonceLife: {},
  missing: '404',
  spelling: 'none',
  isSpellingItsOwn: false,
  skewMs: 0,
};

/**
 * Crawls by child processes that SIGKILL ends at a chance moment, the storage changing
 * in between, until one comes to its end: then the list is the truth. All the while a
 * reader in this process looks for half a commit. Throws `Violation`.
 */
export async function killForReal(options: {
  readonly stage: Stage;
  readonly tally: Tally;
  readonly seed: number;
}): Promise<void> {
  const { stage, tally, seed } = options;
  const chance = createChance(seed + 2_000_003);
  const sketch = createSketch();
  const changes = createChangeDrawer(chance, drawNamePool(chance, 8), sketch, {
    link: false,
    mount: false,
    lie: false,
  });
  let killAt = Number.POSITIVE_INFINITY;
  let requests = 0;
  let child: ChildProcess | null = null;
  const storage = createStorage({
    plan: SERVER,
    maxDepth: 20,
    clock: Date.now,
    random: chance.random,
    async onRequest() {
      tally.requests++;
      await delay(LATENCY_MS);
      if (++requests === killAt) child?.kill('SIGKILL');
    },
    onAnswer: () => undefined,
  });
  storage.apply(changes.tree(chance.int(10, 40), chance.int(40, 120)), 'openly');
  stage.host.serve(storage.site);
  const directory = stage.makeDirectory();
  const url = `${stage.host.origin}${SERVER.basePath}`;

  /** Whether it came to its end. */
  const crawl = async (round: number, requestsPerSpace: number): Promise<boolean> => {
    const plan: ChildPlan = { directory, url, aheadMs: round * (LEASE_MS + 1_000), requestsPerSpace };
    const running = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(plan)], {
      cwd: PROJECT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child = running;
    const [code, signal] = (await once(running, 'exit')) as [number | null, string | null];
    if (signal !== null) tally.kills++;
    if (signal !== null) tally.realKills++;
    demand(
      code === 0 || signal === 'SIGKILL',
      'a crawl ends by itself or is killed',
      () => `it ended with ${code ?? signal}`,
    );
    return signal === null;
  };

  // The first one registers the space, for which the reader waits.
  let round = 0;
  killAt = chance.int(2, sketch.collections.size);
  await crawl(round++, chance.int(1, 8));
  const reader = createReader(await openIndex({ data: { directory } }, { readonly: true }), USER);
  const over = new AbortController();
  const reading = keepReading(reader, over.signal);
  reading.catch(() => undefined); // it is asked for in the end
  try {
    for (let kills = 1; kills < KILLS_OF_A_ROUND; kills++) {
      storage.apply(changes.batch().changes, 'openly');
      killAt = requests + chance.int(1, sketch.collections.size);
      await crawl(round++, chance.int(1, 8));
    }
    killAt = Number.POSITIVE_INFINITY;
    await crawl(round++, 8);
    await crawl(round++, 8);
    const { images } = await reader.look();
    const stored = storage.images();
    const wrong = [...new Set([...images.keys(), ...stored.keys()])].filter(
      (path) => images.get(path)?.sizeBytes !== stored.get(path)?.sizeBytes,
    );
    demand(wrong.length === 0, '2 (the truth in the end)', () => `${quoted(wrong)} differs after kills (seed ${seed})`);
  } finally {
    over.abort();
    await reading;
    await reader.close();
    stage.removeDirectory(directory);
  }
}

async function keepReading(reader: ReturnType<typeof createReader>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await reader.look();
    await delay(READ_EVERY_MS);
  }
}

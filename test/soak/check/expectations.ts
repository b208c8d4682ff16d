import { pruningOf } from '../../../src/domain/model/markers.js';
import type { Runs } from '../runs.js';
import type { World } from '../world.js';
import { demand, quoted } from './violation.js';

/** A refused space is tried once more after an hour, and then daily. */
const TRIED_AGAIN_WITHIN_MS = 24 * 3_600_000 + 600_000;
/** What was left behind, what is due, and what came together meanwhile. */
const RUNS_OF_A_ROUND = 3;

/** Time passes, and the daemon's own look starts what is due. */
export async function rounds(world: World, runs: Runs, ms: number): Promise<void> {
  const { time } = world;
  await time.pass(ms);
  const { index } = await world.process();
  const { space } = await world.snapshot();
  const { filed, takenIn } = await index.spaces.fileDue(time.now());
  const isLongSuspended = space.trouble?.kind === 'unauthorized' && ms >= TRIED_AGAIN_WITHIN_MS;
  demand(filed.length + takenIn.length > 0 || !isLongSuspended, 'a suspension ends', () => {
    return `the space was suspended ${ms} ms ago and is not tried again by itself`;
  });
  for (let run = 0; run < RUNS_OF_A_ROUND; run++) if (!(await runs.next([]))) break;
}

/** Of a host that answers little at a time, nothing else being wrong; counted are syncs that it might have answered. */
export async function expectTruth({ snapshot, storage, loadedAt }: World, runs: Runs, syncs: number): Promise<void> {
  if (loadedAt !== storage.version || runs.underLoad < syncs || runs.last?.ending !== 'ran') return;
  const { images } = await snapshot();
  const missing = [...storage.images().keys()].filter((path) => !images.has(path));
  demand(missing.length === 0, 'a busy host is listed in the end', () => {
    return `${quoted(missing)} is not shown after ${syncs} syncs`;
  });
}

export async function expectPruning(world: World, runs: Runs, syncs: number): Promise<void> {
  if (runs.proofs < syncs || !world.storage.isHonest) return;
  const { space } = await world.snapshot();
  demand(pruningOf(space.evidence) !== 'off', 'pruning is regained', () => {
    return `pruning is off after ${runs.proofs} full syncs in a row whose changes the markers have shown`;
  });
}

import { OvadexError } from '../../src/domain/model/errors.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import { expectPruning, expectTruth, rounds } from './check/expectations.js';
import { settleInTruth } from './end.js';
import type { History, Step, SyncStep } from './history.js';
import { createRuns, type Runs } from './runs.js';
import { ACCOUNT } from './storage.js';
import { openWorld, type PlayOptions, type World } from './world.js';

/** Plays a history to its end and from there to the truth. Throws `Violation` at the first broken invariant. */
export async function play(
  history: History,
  options: PlayOptions,
  onStep: (step: Step | null) => void = () => undefined,
): Promise<void> {
  const { tally, setting } = options;
  const world = await openWorld(history, options);
  try {
    const runs = createRuns(world);
    for (const step of history.steps) {
      onStep(step);
      tally.steps++;
      await (step.do === 'sync' ? sync(world, runs, step) : setting.alone(() => perform(world, runs, step)));
      await world.check();
    }
    onStep(null);
    await setting.alone(() => settleInTruth(world, runs));
    tally.histories++;
  } finally {
    await world.close();
  }
}

async function perform(world: World, runs: Runs, step: Exclude<Step, SyncStep>): Promise<void> {
  const { storage, time } = world;
  switch (step.do) {
    case 'change':
      return storage.apply(step.changes, step.manner);
    case 'fault':
      if (step.fault.stall !== undefined) world.expectStalls(true);
      return storage.arm(step.path, step.fault);
    case 'heal':
      world.expectStalls(false);
      world.setLoad(null);
      storage.setSearch({});
      return storage.site.clearFaults();
    case 'search':
      return storage.setSearch(step.fault);
    case 'burst':
      return storage.arm('', {
        below: true,
        method: 'PROPFIND',
        status: 429,
        times: step.requests,
        retryAfterMs: step.retryAfterMs,
        isRetryAfterDate: step.isDate,
      });
    case 'maintenance':
      return world.maintain(step.ms);
    case 'password':
      return world.setPassword(step.isRight ? ACCOUNT.password : 'changed');
    case 'expire nonce':
      return storage.site.expireNonce();
    case 'wait':
      return time.pass(step.ms);
    case 'jump':
      return world.jump(step.ms);
    case 'exclude':
      storage.exclude(step.names);
      return world.restart(); // a configuration takes effect as a whole
    case 'restart':
      return world.restart();
    case 'accept removals':
      return world.admin(({ index, space }) => index.spaces.acceptRemovals(space.id));
    case 'refuse removals':
      return world.admin(({ index, space }) => index.spaces.refuseRemovals(space.id));
    case 'resume':
      return world.admin(({ index, space }) => index.spaces.resume(space.id));
    case 'forget tombstones':
      return world.forgetTombstones();
    case 'revoke token':
      return await world.hosts?.revokeToken();
    case 'break connections':
      return await world.hosts?.breakConnections();
    case 'kill api':
      return await world.hosts?.killApi();
    case 'load':
      return world.setLoad(step.load);
    case 'move space':
      await world.moveSpace(step.other);
      return runs.memory.forget();
    case 'rounds':
      return rounds(world, runs, step.ms);
    case 'expect truth':
      return expectTruth(world, runs, step.syncs);
    case 'expect pruning':
      return expectPruning(world, runs, step.syncs);
  }
}

/** A run that a dead process left behind, the one that was asked for, and one that came together meanwhile. */
const RUNS_OF_A_STEP = 3;

async function sync(world: World, runs: Runs, step: SyncStep): Promise<void> {
  const { time, setting } = world;
  if (step.restMs > 0) await setting.alone(() => time.pass(step.restMs));
  await setting.together(() => askForSync(world, runs, step));
}

async function askForSync(world: World, runs: Runs, step: SyncStep): Promise<void> {
  const process = await world.process();
  const targets = await Promise.all(
    step.targets.map((target) => process.index.images.nearestKnown(process.space.id, target as ResourcePath)),
  );
  try {
    await process.request({ mode: step.mode, trigger: step.trigger, targets });
  } catch (error) {
    // Nobody may insist on a space that is suspended.
    if (!(error instanceof OvadexError) || error.code !== 'conflict' || step.trigger !== 'request') throw error;
    return;
  }
  process.fuse.arm(step.kill);
  for (let run = 0; run < RUNS_OF_A_STEP; run++) {
    if (!(await runs.next(run === 0 ? step.meanwhile : []))) break;
  }
  process.fuse.arm(null);
}

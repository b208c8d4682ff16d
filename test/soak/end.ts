import { LEASE_MS } from '../../src/crawl/sync-run.js';
import { type Snapshot, suspiciousCollections } from './check/segment.js';
import { checkStillness, isTruth } from './check/truth.js';
import { demand, quoted } from './check/violation.js';
import type { Runs } from './runs.js';
import { ACCOUNT } from './storage.js';
import { NO_LIMIT, type World } from './world.js';

/** A lease from before a jump back is believed for so many times its length. */
const LONGEST_LEASE_MS = 10 * LEASE_MS + 1;
/** Runs that dead processes left behind, and what waits behind them. */
const MAX_LEFT_BEHIND = 4;
/** The truth, a second opinion, and what an administrator accepted then. */
const MAX_FULL_SYNCS = 4;
/** An administrator is asked only for what two syncs could not decide. */
const SYNCS_BEFORE_ACCEPTING = 2;

/**
 * The faults stop, and what was left behind is finished. Then one full sync makes the list the storage's, but for what
 * needs a second opinion or an administrator by rules 4 to 6; and then nothing changes any more.
 */
export async function settleInTruth(world: World, runs: Runs): Promise<void> {
  const { storage, time } = world;
  world.expectStalls(false);
  storage.site.clearFaults();
  storage.setSearch({});
  world.setLoad(null);
  storage.endAbsences();
  world.maintain(0);
  world.setPassword(ACCOUNT.password);
  await time.pass(LONGEST_LEASE_MS);
  await world.admin(({ index, space }) => index.spaces.resume(space.id));
  for (let left = 0; await runs.next([]); left++) {
    demand(left < MAX_LEFT_BEHIND, 'syncs end', () => `${left} syncs were left behind and there are more`);
  }

  let now = await syncFully(world, runs);
  const isSuspicious = () => runs.last !== null && suspiciousCollections(runs.last).length > 0;
  for (let syncs = 1; !isTruth(now, storage, 'sizes') || isSuspicious() || isTroubled(now, world); syncs++) {
    // What `checkTruth` let pass: held or suspicious. An empty root waits for an administrator.
    demand(syncs < MAX_FULL_SYNCS, '2 (the truth in the end)', () => {
      return `after ${syncs} full syncs the list is not the truth: it has ${quoted(now.images.keys())}, the storage ${quoted(storage.images().keys())}`;
    });
    if (syncs >= SYNCS_BEFORE_ACCEPTING && now.space.heldRemovals !== null) {
      await world.admin(({ index, space }) => index.spaces.acceptRemovals(space.id));
    }
    now = await syncFully(world, runs);
  }
  await expectPeace(world, runs, now);
  await world.check();
}

async function syncFully(world: World, runs: Runs): Promise<Snapshot> {
  const process = await world.process();
  await process.request({ mode: 'full', trigger: 'command', targets: [] });
  const hasRun = await runs.next([]);
  demand(hasRun, 'syncs run', () => 'a full sync was asked for and could not be claimed');
  const { last } = runs;
  const isEnded = last !== null && last.claimed.sync.mode === 'full' && last.sync.status === 'PROCESSED';
  demand(isEnded, 'a sync without trouble succeeds', () => `it is ${last?.sync.status}: ${last?.sync.errors[0]}`);
  return world.snapshot();
}

/** Nothing is held or in trouble any more, and further syncs change nothing. */
async function expectPeace(world: World, runs: Runs, now: Snapshot): Promise<void> {
  const { storage } = world;
  const { space } = now;
  demand(
    space.heldRemovals === null,
    'rule 6 (the guard)',
    () => `${space.heldRemovals} removals are held in the truth`,
  );
  demand(!isTroubled(now, world), 'no trouble is left', () => `${space.trouble?.kind}: ${space.trouble?.message}`);
  const process = await world.process();
  for (const mode of ['full', 'incremental'] as const) {
    await process.request({ mode, trigger: 'command', targets: [] });
    await runs.next([]);
    if (runs.last !== null) checkStillness(runs.last, storage.version);
  }
}

/** What lies too deep is trouble for ever. */
function isTroubled({ space }: Snapshot, { history }: World): boolean {
  return space.trouble !== null && history.crawl.maxDepth === NO_LIMIT;
}

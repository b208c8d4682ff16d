import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_MS } from '../../src/crawl/sync-run.js';
import type { ClaimedSync } from '../../src/domain/ports/sync-log.js';
import { demand } from './check/violation.js';
import type { CrawlerProcess } from './crawler-process.js';
import type { Meanwhile } from './history.js';
import type { World } from './world.js';

/** What comes in between while a sync runs. */
export interface Interruptions {
  begin(process: CrawlerProcess, claimed: ClaimedSync, meanwhile: readonly Meanwhile[]): Interrupted;
}

export interface Interrupted {
  end(): Promise<{ readonly isStolen: boolean; readonly isDisturbed: boolean }>;
}

/** After a jump the lease looks run out, or forged, until it is renewed within a second. */
const RENEWED_AFTER_MS = 2_000;
/** Some ten times what the largest tree takes with all its retries. */
const MAX_REQUESTS = 3_000;
/** One look in so many requests at what a reader sees meanwhile, and whether another process gets in. */
const LOOK_EVERY = 3;

/** Of a space that is written at the moment. */
const CLAIM_TRIES = 10;
const CLAIMED_EVERY_MS = 50;

export function createInterruptions(world: World): Interruptions {
  const { time, storage, reader, tally, chance, hosts } = world;

  /** Nobody else may sync the space while this run has its lease. */
  const tryToIntrude = async () => {
    if (time.sinceJump() < RENEWED_AFTER_MS) return;
    const rival = await world.rival();
    const claimed = await rival.claim();
    demand(claimed === null, '5 (one run at a time)', () => `sync ${claimed?.sync.id} was claimed by two processes`);
  };

  const cancel = async ({ sync }: ClaimedSync) => {
    const { index } = await world.rival();
    const work = () => index.syncs.cancel(sync.id);
    await (hosts === null ? work() : hosts.again(work));
  };

  /**
   * Claims what a sleeper has left, once one lease is over. Where it waits for the database, a space that it still writes at
   * this moment is left to it by whoever claims.
   */
  const claimFrom = async (rival: CrawlerProcess): Promise<ClaimedSync | null> => {
    await time.pass(LEASE_MS + 1);
    for (let tried = 1; ; tried++) {
      const claimed = await rival.claim();
      if (claimed !== null || hosts === null || tried === CLAIM_TRIES) return claimed;
      await delay(CLAIMED_EVERY_MS);
    }
  };

  /** The process sleeps for longer than its lease; another one finishes its sync before it wakes. */
  const steal = async (process: CrawlerProcess, claimed: ClaimedSync): Promise<() => Promise<void>> => {
    tally.steals++;
    process.sleep();
    const asleepSince = time.now();
    const rival = await world.rival();
    const breaks = hosts?.breaks;
    const stolen = await claimFrom(rival);
    const isGiven = stolen?.sync.id === claimed.sync.id && stolen.isResumed;
    // Whoever gives up a silent server may have ended its sync before that has understood the request.
    const { endedAt } = await reader.sync(claimed.sync.id);
    const hadEnded = endedAt !== null && endedAt <= asleepSince;
    // A claim whose answer was lost is nobody's until its lease ends.
    demand(isGiven || hadEnded || breaks !== hosts?.breaks, '5 (a lease runs out)', () => {
      return `the sync of a process that sleeps was not given to another one, but ${stolen?.sync.id ?? 'none'}`;
    });
    if (stolen !== null) await rival.run(stolen, { isImpatient: world.isImpatient });
    const { space } = await reader.look();
    const { status, counts } = await reader.sync(claimed.sync.id);
    process.wake();
    return async () => {
      const [now, sync] = [await reader.look(), await reader.sync(claimed.sync.id)];
      const isSame = now.space.revision === space.revision && sync.status === status;
      demand(
        isSame && JSON.stringify(sync.counts) === JSON.stringify(counts),
        '5 (a lost lease writes nothing)',
        () => {
          return `revision ${space.revision} became ${now.space.revision}, and ${status} became ${sync.status}, by a process without the lease`;
        },
      );
    };
  };

  return {
    begin(process, claimed, meanwhile) {
      const waiting = [...meanwhile].sort((a, b) => a.at - b.at);
      let requests = 0;
      let isBusy = false;
      let happening = Promise.resolve();
      let isOver = false;
      let isDisturbed = false;
      let checkTheft: (() => Promise<void>) | null = null;
      let failure: unknown = null;

      const happen = async (event: Meanwhile) => {
        isDisturbed ||=
          event.what === 'stop' ||
          event.what === 'cancel' ||
          event.what === 'steal' ||
          event.what === 'jump' ||
          event.what === 'break connections';
        switch (event.what) {
          case 'stop':
            return process.interrupt();
          case 'cancel':
            return await cancel(claimed);
          case 'steal':
            checkTheft ??= await steal(process, claimed);
            return;
          case 'heal':
            return storage.site.clearFaults();
          case 'break connections':
            return await hosts?.breakConnections();
          case 'kill api':
            return await hosts?.killApi();
          case 'jump':
            return world.jump(event.ms);
          case 'change':
            return storage.apply(event.changes, 'openly');
          case 'revisit':
            return process.revisit(event.collections.filter((collection) => storage.has(collection)));
        }
      };

      world.onPropfind = async () => {
        // Not waited for: they come in the middle of whatever is written.
        void hosts?.ask();
        if (isBusy || isOver || process.fuse.isDead) return;
        isBusy = true;
        let finish: () => void = () => undefined;
        happening = new Promise((resolve) => {
          finish = resolve;
        });
        try {
          requests++;
          demand(requests <= MAX_REQUESTS, '8 (bounds)', () => `a sync has sent ${requests} requests and goes on`);
          for (let next = waiting[0]; next !== undefined && next.at <= requests; next = waiting[0]) {
            waiting.shift();
            await happen(next);
          }
          if (requests % LOOK_EVERY === 0) await reader.look();
          if (!isDisturbed && chance.happens(0.1)) await tryToIntrude();
        } catch (error) {
          failure ??= error;
          process.fuse.kill();
        } finally {
          isBusy = false;
          finish();
        }
      };
      return {
        async end() {
          isOver = true;
          world.onPropfind = async () => undefined;
          // A run that was stopped may have ended in the middle of its being taken over.
          await happening;
          if (failure !== null) throw failure;
          await checkTheft?.();
          return { isStolen: checkTheft !== null, isDisturbed };
        },
      };
    },
  };
}

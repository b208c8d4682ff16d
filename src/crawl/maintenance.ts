import type { Logger } from 'pino';
import type { Clock, ImageIndex, Upkeep } from '../domain/ports.js';
import { startRounds } from './rounds.js';

export interface Maintenance {
  /** Ends what runs at its next step. */
  stop(): Promise<void>;
}

/** When, and what is forgotten then. */
export interface MaintenancePlan {
  /** A cron expression; null: never. */
  readonly schedule: string | null;
  readonly tombstonesMs: number;
  readonly syncsMs: number;
}

export interface MaintenanceDeps {
  readonly plan: MaintenancePlan;
  /** As in `readCron`. */
  readonly timeZone?: string | null;
  readonly index: Pick<ImageIndex, 'forgetMissing'>;
  readonly upkeep: Upkeep;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** As often as spaces are looked at where nobody says otherwise: what a round has written goes into the file. */
const CHECKPOINT_EVERY_MS = 15 * 60_000;

/** Looks after the index by schedule, in the crawler's thread, whose commits go between its steps. */
export function startMaintenance(deps: MaintenanceDeps): Maintenance {
  const { plan, upkeep, clock, logger } = deps;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = maintain(deps, stopping.signal).catch((error: unknown) =>
      logger.error({ err: error }, 'the index could not be looked after; trying again at the next time'),
    );
    return running;
  };
  const { schedule } = plan;
  const rounds = schedule === null ? null : startRounds(schedule, run, clock, deps.timeZone);
  const timer = setInterval(() => {
    upkeep
      .checkpoint()
      .catch((error: unknown) => logger.error({ err: error }, 'the write-ahead log could not be put into the index'));
  }, CHECKPOINT_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      rounds?.stop();
      await running;
    },
  };
}

/** Does all of it once. */
export async function maintain(
  { plan, index, upkeep, clock, logger }: MaintenanceDeps,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const tombstones = await index.forgetMissing(clock() - plan.tombstonesMs, signal);
  const syncs = await upkeep.forgetSyncs(clock() - plan.syncsMs, signal);
  const merges = await upkeep.tidy(signal);
  const { fileBytes, walBytes } = await upkeep.checkpoint();
  const elapsedMs = Math.round(performance.now() - startedAt);
  logger.info({ tombstones, syncs, merges, fileBytes, walBytes, elapsedMs }, 'looked after the index');
}

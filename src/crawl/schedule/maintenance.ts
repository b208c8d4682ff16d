import type { Logger } from 'pino';
import type { ForgetRest, ForgetUser, Forgotten } from '../../domain/model/audit.js';
import type { ForgottenUser, ListDeparted } from '../../domain/model/departed.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { IndexMaintenance } from '../../domain/ports/image-index.js';
import { underAny } from '../signals/joined-signals.js';
import { startRounds } from './cron-rounds.js';
import { type HostLead, soleLead } from './lead.js';

export interface Maintenance {
  /** Stops; a running maintenance ends at its next step. */
  stop(): Promise<void>;
}

/** When maintenance runs, and what it deletes. */
export interface MaintenancePlan {
  /** A cron expression; null: never. */
  readonly schedule: string | null;
  readonly tombstonesMs: number;
  readonly syncsMs: number;
  /** Users who have been out of the configuration for this long are forgotten; null: never. */
  readonly forgetAfterMs?: number | null;
}

/** Forgets users who have left. */
export interface Departures {
  readonly list: ListDeparted;
  readonly forget: ForgetUser;
  /** Goes on where a process was killed. */
  readonly forgetRest: ForgetRest;
  /** Records it in the audit log. */
  readonly note: (forgotten: ForgottenUser) => Promise<void>;
}

export interface MaintenanceDeps {
  readonly plan: MaintenancePlan;
  /** As in `readCron`. */
  readonly timeZone?: string | null;
  readonly indexMaintenance: IndexMaintenance;
  /** If left out, no user is forgotten by schedule. */
  readonly departures?: Departures;
  /** Only a leader maintains; if left out, this process shares the index with no host. */
  readonly lead?: HostLead;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The default interval of syncs: what a round has written goes into the file. */
const CHECKPOINT_EVERY_MS = 15 * 60_000;

/** Maintains the index by schedule, in the crawler's thread, whose commits go between its steps. */
export function startMaintenance(deps: MaintenanceDeps): Maintenance {
  const { plan, indexMaintenance, lead = soleLead, clock, logger } = deps;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    if (lead.held() === null) return Promise.resolve();
    running = underAny([stopping.signal, lead.signal()], (signal) => maintain(deps, signal)).catch((error: unknown) =>
      logger.error({ err: error }, 'index maintenance failed; trying again at the next scheduled time'),
    );
    return running;
  };
  const { schedule } = plan;
  const rounds = schedule === null ? null : startRounds(schedule, run, clock, deps.timeZone);
  const timer = setInterval(() => {
    indexMaintenance
      .merge()
      .catch((error: unknown) => logger.error({ err: error }, 'recent writes could not be merged into the index'));
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

/** Runs the whole maintenance once. */
export async function maintain(
  { plan, indexMaintenance, departures, clock, logger }: MaintenanceDeps,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const { forgetAfterMs = null } = plan;
  const isForgotten = forgetAfterMs !== null && departures !== undefined;
  const users = isForgotten ? await forgetDeparted(departures, clock() - forgetAfterMs, signal) : 0;
  await departures?.forgetRest(signal);
  const tombstones = await indexMaintenance.forgetMissing(clock() - plan.tombstonesMs, signal);
  const syncs = await indexMaintenance.forgetSyncs(clock() - plan.syncsMs, signal);
  const merges = await indexMaintenance.tidy(signal);
  const { storedBytes, unmergedBytes } = await indexMaintenance.merge();
  const elapsedMs = Math.round(performance.now() - startedAt);
  logger.info({ users, tombstones, syncs, merges, storedBytes, unmergedBytes, elapsedMs }, 'index maintenance done');
}

/** Returns how many users were forgotten. */
async function forgetDeparted(
  { list, forget, note }: Departures,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const { user } of await list(before)) {
    if (signal.aborted) break;
    const forgotten = await forgetUnlessBack(forget, user, signal);
    if (forgotten === null) continue;
    count += 1;
    await note({ user, ...forgotten });
  }
  return count;
}

/** Forgets a user, unless the user came back after being listed. */
async function forgetUnlessBack(forget: ForgetUser, user: string, signal: AbortSignal): Promise<Forgotten | null> {
  try {
    return await forget(user, signal);
  } catch (error) {
    if (error instanceof OvadexError && error.code === 'conflict') return null;
    throw error;
  }
}

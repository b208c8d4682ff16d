import type { Logger } from 'pino';
import { type ErrorCode, OvadexError, PassingTrouble } from '../domain/model/errors.js';
import { NO_FINDINGS } from '../domain/model/markers.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import { NO_COUNTS, type SyncOutcome, type SyncStanding } from '../domain/model/sync.js';
import type { FillCredentials } from '../domain/policy/discovered-space.js';
import type { Clock, Sleep } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import type { ImageIndex } from '../domain/ports/image-index.js';
import type { SpaceRegistry } from '../domain/ports/space-registry.js';
import type { ClaimedSync, SyncLog } from '../domain/ports/sync-log.js';
import type { CrawlTally } from './crawl-metrics.js';
import type { DescribeDeps } from './describe/describer.js';
import type { HostLead } from './schedule/lead.js';
import type { AskMaintenance } from './spaces/hosts.js';
import type { ListenToOthers } from './spaces/other-crawlers.js';
import type { RosterEntry, Storage } from './spaces/space-roster.js';
import { type RunningSync, startSync } from './sync/sync-space.js';
import { createSyncNews, type SyncNews } from './sync-news.js';

/** Settings of the crawl from the configuration. */
export interface CrawlLimits {
  readonly schedule: string;
  readonly fullSchedule: string;
  /** null: no space is polled. */
  readonly poll: string | null;
  /** Requests a second that looks may take of each storage, or `auto`; null: each space is polled in every round. */
  readonly budget?: number | 'auto' | null;
  /** Time zone of the schedules; null: this machine's. */
  readonly timeZone?: string | null;
  readonly spacesAtOnce: number;
  readonly requestsPerSpace: number;
  readonly maxDepth: number;
  /** Whether the storages' own search for images may be used. */
  readonly search: 'auto' | 'off';
}

/** The crawl's connections to the rest of the program. */
export interface CrawlDeps {
  readonly spaces: readonly SpaceSettings[];
  readonly discoveries: readonly DiscoverySettings[];
  /** Fills in the credentials of discovered users, if each has others. */
  readonly fillCredentials?: FillCredentials;
  readonly limits: CrawlLimits;
  readonly isExcluded: (collection: ResourcePath) => boolean;
  /** Identifies the rules for what counts as an image; see `SpaceRegistry.configure`. */
  readonly rules: string;
  readonly storage: Storage;
  /** The storage without retries; if not given, `storage`. */
  readonly probing?: Storage;
  /** Asks whether a whole server is in maintenance mode; see `HostsDeps`. */
  readonly isInMaintenance?: AskMaintenance;
  /** Shares with other crawlers which storages are down; null or left out: this is the only one. */
  readonly listenToOthers?: ListenToOthers | null;
  /** What reads what images are; null or left out: nothing does. */
  readonly describe?: DescribeDeps | null;
  readonly catalogue: ImageCatalogue;
  readonly index: ImageIndex;
  readonly registry: SpaceRegistry;
  readonly log: SyncLog;
  /** Whether this host leads those that share the index; if left out, none does. */
  readonly hostLead?: HostLead;
  /** Counts how syncs end. */
  readonly tally: CrawlTally;
  /** The holder's name on leases, unique to this process and run. */
  readonly owner: string;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** A lease, renewed every second, survives a busy half minute; after a crash its space waits for at most as long. */
export const LEASE_MS = 30_000;

/** Starts a claimed sync on its space's storage, which is closed at the end. */
export function openSync(
  deps: CrawlDeps,
  entry: RosterEntry | undefined,
  claimed: ClaimedSync,
  signal: AbortSignal,
  onProgress?: (standing: SyncStanding) => void,
): RunningSync {
  if (entry === undefined) {
    throw new OvadexError('config', `the space of "${claimed.sync.user}" is not in this configuration`);
  }
  const store = deps.tally.watch(deps.storage.open(entry.settings));
  const startedAt = performance.now();
  const note = (outcome: SyncOutcome | 'broken' | null) =>
    deps.tally.syncEnded(claimed.sync.mode, outcome, (performance.now() - startedAt) / 1_000);
  const running = startSync({
    claimed,
    store,
    index: deps.index,
    log: deps.log,
    concurrency: deps.limits.requestsPerSpace,
    maxDepth: deps.limits.maxDepth,
    isSearchAllowed: deps.limits.search === 'auto',
    isExcluded: deps.isExcluded,
    leaseMs: LEASE_MS,
    sleep: deps.sleep,
    signal,
    onProgress,
  });
  const outcome = running.outcome.then(
    (ended) => {
      note(ended);
      return ended;
    },
    (error: unknown) => {
      note(error instanceof PassingTrouble ? null : 'broken');
      throw error;
    },
  );
  return { ...running, outcome: outcome.finally(() => store.close()) };
}

/** How often a sync may be set back here before it counts as failed: the pauses in between add up to a minute. */
const SETBACKS_AT_MOST = 12;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** What the end of a run takes. */
export interface SettleDeps extends Pick<CrawlDeps, 'log' | 'logger' | 'sleep'> {
  readonly news?: SyncNews;
  /** Ends all tries to record something. */
  readonly signal?: AbortSignal;
  /** How often syncs were set back by trouble of the database, by their ids; it is kept up. */
  readonly setbacks?: Map<number, number>;
}

/**
 * Waits for a run and records how it ended; one that was given up stays unfinished, to be resumed, and so does one that
 * trouble of the database has set back, unless that goes on. Any other failure ends up in the sync's own record.
 */
export async function settleSync(claimed: ClaimedSync, start: () => RunningSync, deps: SettleDeps): Promise<void> {
  const { lease, sync } = claimed;
  const { log, logger, news = createSyncNews(logger), setbacks } = deps;
  let outcome: SyncOutcome | null;
  let running: RunningSync | null = null;
  try {
    running = start();
    outcome = await running.outcome;
  } catch (error) {
    const before = setbacks?.get(sync.id) ?? 0;
    if (!(error instanceof PassingTrouble) || before >= SETBACKS_AT_MOST) {
      setbacks?.delete(sync.id);
      news.brokeDown(claimed, error);
      await record(() => log.finish(lease, brokenOutcome(error)), deps);
      return;
    }
    setbacks?.set(sync.id, before + 1);
    const facts = { sync: sync.id, user: sync.user, reason: error.message };
    logger.warn(facts, 'trouble of the database has set back a sync, which is resumed');
    // A disk that is full lets a sync begin, and fail, again and again.
    await pause(before === 0 ? 0 : pauseAfter(before + 2), deps);
    const standing = running?.standing();
    // What it has listed since its last progress may have been committed, and is passed by then.
    await record(async () => {
      if (standing !== undefined) await log.progress(lease, standing, LEASE_MS);
      await log.release(lease);
    }, deps);
    return;
  }
  setbacks?.delete(sync.id);
  let retryAt: number | null = null;
  if (outcome === null) await record(() => log.release(lease), deps);
  else {
    const ended = outcome;
    retryAt = await record(() => log.finish(lease, ended), deps);
  }
  news.ended(claimed, outcome, retryAt);
}

/**
 * Records something under a lease, again and again while the database is in trouble, as long as the lease may last. Whoever
 * finds no lease at a later try had an earlier one recorded, or is too late: returns null.
 */
async function record<T>(write: () => Promise<T>, deps: SettleDeps): Promise<T | null> {
  const endsAt = performance.now() + LEASE_MS;
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (error) {
      if (tried > 1 && error instanceof OvadexError && error.code === 'conflict') return null;
      const isOver = performance.now() > endsAt || deps.signal?.aborted === true;
      if (!(error instanceof PassingTrouble) || isOver) throw error;
      await pause(pauseAfter(tried), deps);
    }
  }
}

function pauseAfter(tried: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), LONGEST_PAUSE_MS);
}

/** Waits, but no longer than until tries end. */
async function pause(ms: number, { sleep, signal = NEVER }: SettleDeps): Promise<void> {
  if (ms === 0 || signal.aborted) return;
  // It rejects only when it is aborted; then comes the last try.
  await sleep(ms, signal).catch(() => undefined);
}

const NEVER = new AbortController().signal;

/** Errors about the index's files, and bugs, of which users learn less than the log. */
const TOLD_ONLY_TO_THE_LOG = new Map<ErrorCode, string>([
  ['index', 'the index could not be used'],
  ['damaged', 'the index is damaged'],
  ['foreign', 'the index is not of this program'],
  ['internal', 'internal error'],
]);

function brokenOutcome(error: unknown): SyncOutcome {
  const hidden = TOLD_ONLY_TO_THE_LOG.get(error instanceof OvadexError ? error.code : 'internal');
  return failedOutcome(hidden === undefined ? (error as OvadexError).message : `${hidden}; the log has the details`);
}

/** Returns the outcome of a sync that did nothing, for this reason. */
export function failedOutcome(message: string): SyncOutcome {
  return {
    status: 'ERROR',
    counts: NO_COUNTS,
    errors: [message],
    warnings: [],
    isUnauthorized: false,
    heldRemovals: null,
    heldReasons: [],
    findings: NO_FINDINGS,
  };
}

import type { Logger } from 'pino';
import { type ErrorCode, OvadexError } from '../domain/model/errors.js';
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
      note('broken');
      throw error;
    },
  );
  return { ...running, outcome: outcome.finally(() => store.close()) };
}

/**
 * Waits for a run and records how it ended; one that was given up stays unfinished, to be resumed. Any failure ends up
 * in the sync's own record.
 */
export async function settleSync(
  claimed: ClaimedSync,
  start: () => RunningSync,
  { log, logger, news = createSyncNews(logger) }: Pick<CrawlDeps, 'log' | 'logger'> & { readonly news?: SyncNews },
): Promise<void> {
  const { lease } = claimed;
  try {
    const outcome = await start().outcome;
    let retryAt: number | null = null;
    if (outcome === null) await log.release(lease);
    else retryAt = await log.finish(lease, outcome);
    news.ended(claimed, outcome, retryAt);
  } catch (error) {
    news.brokeDown(claimed, error);
    await log.finish(lease, brokenOutcome(error));
  }
}

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

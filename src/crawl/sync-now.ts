import { setTimeout as delay } from 'node:timers/promises';
import { OvadexError } from '../domain/errors.js';
import { quote } from '../domain/quote.js';
import type { Sync, SyncMode, SyncStanding } from '../domain/sync.js';
import { createRoster, type DiscoveryReport, type RosterEntry } from './roster.js';
import { type CrawlDeps, LEASE_MS, openSync, settleSync } from './run-sync.js';

export interface SyncNowOptions {
  readonly users: readonly string[] | 'all';
  readonly mode: Exclude<SyncMode, 'hint'>;
  readonly signal: AbortSignal;
  /** The sync as it stands, now and then. */
  readonly onProgress: (sync: Sync) => void;
  /** Before the first sync; not where there is no discovery. */
  readonly onDiscovery?: (report: DiscoveryReport) => void;
}

/** How often a sync that another process runs is looked at. */
const FOLLOW_MS = 250;
const HAS_ENDED = new Set(['PROCESSED', 'ERROR', 'CANCELLED']);

/**
 * Syncs these users' spaces in this process and answers how each ended. Where a
 * daemon holds the space or takes the request first, its run is followed
 * instead. An abort leaves unfinished syncs to be resumed. Throws OvadexError
 * `not-found` for a user without a space, and `storage` where a discovery that failed might have one.
 */
export async function syncNow(deps: CrawlDeps, options: SyncNowOptions): Promise<readonly Sync[]> {
  const { signal } = options;
  const roster = createRoster(deps);
  await roster.register();
  await roster.discover(signal);
  const report = roster.report();
  if (report.discoveries.length > 0) options.onDiscovery?.(report);

  const entries = [...roster.entries()];
  const chosen = options.users === 'all' ? entries : options.users.map((user) => entryOf(entries, user, report));
  const ended: Sync[] = [];
  const waiting = [...chosen];
  const worker = async () => {
    for (let entry = waiting.shift(); entry !== undefined && !signal.aborted; entry = waiting.shift()) {
      ended.push(await syncOne(deps, entry, options));
    }
  };
  await Promise.all(Array.from({ length: deps.limits.spacesAtOnce }, worker));
  return ended;
}

function entryOf(entries: readonly RosterEntry[], user: string, { discoveries }: DiscoveryReport): RosterEntry {
  const entry = entries.find(({ space }) => space.user === user);
  if (entry !== undefined) return entry;
  const failed = discoveries.filter(({ trouble }) => trouble !== null);
  const others = `no space of ${quote(user)}; the configuration has ${entries.length} spaces`;
  if (failed.length === 0) throw new OvadexError('not-found', others);
  const why = failed.map(({ url, trouble }) => `the discovery at ${url} failed: ${trouble}`).join('; ');
  throw new OvadexError('storage', `${others} so far, and it is not known whether there is one: ${why}`);
}

async function syncOne(deps: CrawlDeps, entry: RosterEntry, options: SyncNowOptions): Promise<Sync> {
  const { log } = deps;
  const { space } = entry;
  let sync = await log.request({
    spaceId: space.id,
    mode: options.mode,
    trigger: 'command',
    requestedBy: null,
    targets: [],
  });

  while (!HAS_ENDED.has(sync.status) && !options.signal.aborted) {
    const claimed = await log.claim({ owner: deps.owner, leaseMs: LEASE_MS, syncId: sync.id });
    if (claimed !== null) {
      const progress = (standing: SyncStanding) => options.onProgress({ ...claimed.sync, ...standing });
      await settleSync(claimed, () => openSync(deps, entry, claimed, options.signal, progress), deps);
    } else {
      options.onProgress(sync);
      await delay(FOLLOW_MS, undefined, { signal: options.signal }).catch(ignoreAbort);
    }
    sync = (await log.find(sync.id)) ?? sync;
  }
  return sync;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { OutageKind } from '../domain/hosts/host-outage.js';
import { OvadexError } from '../domain/model/errors.js';
import type { SpaceSettings } from '../domain/model/space.js';
import { NO_STANDING, type Sync, type SyncMode, type SyncStanding } from '../domain/model/sync.js';
import { quote } from '../domain/text/quote.js';
import { createOrigins, type Origins } from './origins.js';
import { createHosts, type Hosts } from './spaces/hosts.js';
import { createRoster, type DiscoveryReport, type Roster, type RosterEntry } from './spaces/space-roster.js';
import type { RunningSync } from './sync/sync-space.js';
import { type CrawlDeps, failedOutcome, LEASE_MS, openSync, settleSync } from './sync-run.js';

export interface SyncNowOptions {
  readonly users: readonly string[] | 'all';
  readonly mode: Exclude<SyncMode, 'hint'>;
  readonly signal: AbortSignal;
  /** Called with the state of a sync from time to time. */
  readonly onProgress: (sync: Sync) => void;
  /** Called with the number of spaces to sync, before the first of them. */
  readonly onChosen?: (spaces: number) => void;
  /** Called with each sync that has ended, or was left to be resumed. */
  readonly onEnded?: (sync: Sync) => void;
  /** Called before the first sync, if there is a discovery. */
  readonly onDiscovery?: (report: DiscoveryReport) => void;
  /** Called after the last sync, for each storage host that is down by then. */
  readonly onOutage?: (outage: Outage) => void;
}

/** A storage host that is down, and was not asked for each of its spaces. */
export interface Outage {
  readonly kind: OutageKind;
  readonly host: string;
  /** The failure met there. */
  readonly detail: string;
  /** Users whose syncs failed because of it. */
  readonly users: readonly string[];
}

/** How often the state of a sync run by another process is read. */
const FOLLOW_MS = 250;
const HAS_ENDED = new Set(['PROCESSED', 'ERROR', 'CANCELLED']);

/**
 * Syncs these users' spaces in this process and returns how each ended. If a daemon holds the space or takes the
 * request first, its run is followed instead. While another host leads, the spaces are those that it has registered. A
 * storage host that doesn't answer is given up after a few spaces, and the others then share their failure. An abort
 * leaves unfinished syncs to be resumed. Throws OvadexError `not-found` for a user without a space, and `storage` if a
 * failed discovery might have one.
 */
export async function syncNow(deps: CrawlDeps, options: SyncNowOptions): Promise<readonly Sync[]> {
  let chosen: readonly SpaceSettings[] | null = null;
  const hosts = createHosts({
    places: () => chosen ?? roster.settings(),
    discoveries: () => roster.discoveries(),
    probing: deps.probing ?? deps.storage,
    isInMaintenance: deps.isInMaintenance,
    onBack: () => undefined, // spaces that no longer wait are asked anyway
    clock: deps.clock,
    sleep: deps.sleep,
    logger: deps.logger,
  });
  const heard = { ...deps, storage: hosts.listen(deps.storage) };
  const { hostLead } = deps;
  const roster = createRoster({ ...heard, ...(hostLead === undefined ? {} : { lead: hostLead.held }) });
  const onChosen = (settings: readonly SpaceSettings[]) => {
    chosen = settings;
  };
  try {
    return await syncChosen(heard, options, { roster, hosts, onChosen });
  } finally {
    await hosts.stop();
  }
}

async function syncChosen(
  deps: CrawlDeps,
  options: SyncNowOptions,
  {
    roster,
    hosts,
    onChosen,
  }: {
    readonly roster: Roster;
    readonly hosts: Hosts;
    readonly onChosen: (settings: readonly SpaceSettings[]) => void;
  },
): Promise<readonly Sync[]> {
  const { signal } = options;
  await roster.register();
  await roster.discover(signal);
  // Other hosts may say from now on which spaces there are.
  await deps.hostLead?.stop();
  const report = roster.report();
  if (report.discoveries.length > 0) options.onDiscovery?.(report);

  const entries = [...roster.entries()];
  const origins = createOrigins(deps.clock, () => undefined);
  origins.recall(entries);
  const heard = { ...deps, storage: origins.listen(deps.storage) };
  const chosen =
    options.users === 'all'
      ? entries
      : options.users.map((user) => entryOf(entries, user, { report, configured: deps.spaces }));
  onChosen(chosen.map(({ settings }) => settings));
  options.onChosen?.(chosen.length);
  const ended: Sync[] = [];
  const waiting = chosen.values();
  const worker = async () => {
    for (const entry of waiting) {
      if (signal.aborted) break;
      const left = options.users === 'all' ? await leftAlone(deps, entry) : null;
      const sync = left ?? (await syncOne(heard, entry, origins, options));
      ended.push(sync);
      options.onEnded?.(sync);
    }
  };
  await Promise.all(Array.from({ length: deps.limits.spacesAtOnce }, worker));
  const failed = new Set(ended.filter(({ status }) => status === 'ERROR').map(({ spaceId }) => spaceId));
  const failedEntries = chosen.filter(({ space }) => failed.has(space.id));
  for (const { kind, host, detail, waiting: urls } of hosts.outages()) {
    const users = failedEntries.filter(({ settings }) => urls.has(settings.url)).map(({ space }) => space.user);
    options.onOutage?.({ kind, host, detail, users });
  }
  return ended;
}

const OF_THE_LEADER =
  'another host leads, whose configuration says which spaces there are; ovadex doctor names the hosts that differ';

function entryOf(
  entries: readonly RosterEntry[],
  user: string,
  { report, configured }: { readonly report: DiscoveryReport; readonly configured: readonly SpaceSettings[] },
): RosterEntry {
  const entry = entries.find(({ space }) => space.user === user);
  if (entry !== undefined) return entry;
  if (configured.some((settings) => settings.user === user)) {
    throw new OvadexError('not-found', `no space of ${quote(user)} is known as this host has it: ${OF_THE_LEADER}`);
  }
  const { discoveries } = report;
  const failed = discoveries.filter(({ trouble }) => trouble !== null);
  const others = `no space of ${quote(user)}; the configuration has ${entries.length} spaces`;
  if (failed.length === 0) throw new OvadexError('not-found', others);
  const why = failed.map(({ url, trouble }) => `the discovery at ${url} failed: ${trouble}`).join('; ');
  throw new OvadexError('storage', `${others} so far, and it is not known whether there is one: ${why}`);
}

/**
 * Returns the last failure of a suspended space that isn't due to be tried again, which a sync of all spaces skips;
 * null for any other space.
 */
async function leftAlone({ log, clock }: CrawlDeps, { space }: RosterEntry): Promise<Sync | null> {
  const isDue = space.nextSyncAt !== null && space.nextSyncAt <= clock();
  if (space.trouble?.kind !== 'unauthorized' || isDue) return null;
  const [last] = await log.list({ user: space.user, statuses: ['ERROR'], limit: 1 });
  return last ?? null;
}

/** Returns a sync that sends nothing: its credentials would be one attempt more than the storage may tolerate. */
function sparedSync(url: string): RunningSync {
  const message = `not tried: other spaces at ${new URL(url).origin} were refused within ten minutes, and these credentials were never good there; a few more and the storage may lock this address`;
  return { outcome: Promise.resolve(failedOutcome(message)), standing: () => NO_STANDING, revisit: () => false };
}

async function syncOne(deps: CrawlDeps, entry: RosterEntry, origins: Origins, options: SyncNowOptions): Promise<Sync> {
  const { log } = deps;
  const { space, settings } = entry;
  const setbacks = new Map<number, number>();
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
      const start = () => openSync(deps, entry, claimed, options.signal, progress);
      const isSpared = options.users === 'all' && origins.mustWait(settings);
      await settleSync(claimed, () => (isSpared ? sparedSync(space.url) : origins.track(settings, start)), {
        ...deps,
        signal: options.signal,
        setbacks,
      });
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

import type { Index } from '../../app/open-index.js';
import { syncIntervalMs } from '../../app/settings/settings-in-effect.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { urlOfDatabase } from '../../config/sections/data.js';
import { compareHosts } from '../../domain/diagnosis/host-differences.js';
import { overviewOf } from '../../domain/diagnosis/overview.js';
import { SYNC_LIST } from '../../domain/lists/sync-list.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import { nameOfAddress, type Readiness } from '../../platform/ask-readiness.js';
import { VERSION } from '../../platform/version.js';
import { hostToJson } from '../../wire/daemon.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { type IndexStatus, type Status, writeStatus } from '../reports/status-lines.js';
import { EXIT, exitCodeOf } from '../terminal/exit-code.js';
import { type Io, writeJson } from '../terminal/io.js';

export interface StatusOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface StatusDeps {
  readonly open: (
    config: Config,
    options: { readonly readonly: true },
  ) => Promise<Pick<Index, 'catalogue' | 'syncs' | 'departed' | 'totals' | 'links' | 'hosts' | 'close'>>;
  readonly ask: (address: Config['server']['listen']) => Promise<Readiness>;
  readonly clock: Clock;
}

/**
 * `ovadex status`: sums up the daemon, its spaces, their storages and pending decisions in ten lines. The exit code
 * tells the worst condition.
 */
export async function status(options: StatusOptions, io: Io, deps: StatusDeps): Promise<number> {
  const config = await loadConfig(options.config);
  const {
    server: { listen },
    data,
  } = config;
  const [daemon, index] = await Promise.all([deps.ask(listen), readIndex(config, deps)]);
  const all: Status = {
    address: nameOfAddress(listen),
    daemon,
    index,
    now: deps.clock(),
    place: data.database === undefined ? data.directory : urlOfDatabase(data.database),
  };
  const code = codeOf(all);
  if (options.json === true) writeJson(io.stdout, { ...jsonOf(all), exit_code: code });
  else writeStatus(all, io.stdout);
  return code;
}

async function readIndex(config: Config, { open, clock }: StatusDeps): Promise<IndexStatus> {
  try {
    const index = await open(config, { readonly: true });
    try {
      const intervalMs = syncIntervalMs(config);
      const overview = overviewOf((await index.catalogue.listSpaces()).spaces, clock(), intervalMs);
      const {
        waitingSyncs: waiting,
        runningSyncs: running,
        storedBytes: bytes,
      } = await index.totals(clock(), intervalMs);
      const lastFullAt = await lastFull(index);
      const departed = (await index.departed()).length;
      const linked = (await index.links.list()).length;
      const cluster = compareHosts((await index.hosts?.list()) ?? []);
      return { overview, cluster, departed, linked, waiting, running, lastFullAt, bytes };
    } finally {
      await index.close();
    }
  } catch (error) {
    if (!(error instanceof OvadexError)) throw error;
    return { trouble: error.message, code: exitCodeOf(error) };
  }
}

/** Returns null if there is none, or if there are too many syncs to search. */
async function lastFull({ syncs }: Pick<Index, 'syncs'>): Promise<number | null> {
  const filter = [
    { field: 'mode', operator: 'eq', value: 'full' },
    { field: 'status', operator: 'eq', value: 'PROCESSED' },
  ] as const;
  try {
    const page = { number: 1, size: 1, cursor: null };
    const found = await syncs.page({ visibleTo: null, filter, sort: SYNC_LIST.byDefault, page });
    return found.syncs[0]?.endedAt ?? null;
  } catch (error) {
    if (error instanceof OvadexError && error.code === 'usage') return null;
    throw error;
  }
}

/** The code of the gravest condition: no daemon, no index, then anything that keeps a space from being fresh. */
function codeOf({ daemon, index }: Status): number {
  if ('trouble' in index) return daemon.isReady ? index.code : EXIT.unhealthy;
  if (!daemon.isReady) return EXIT.unhealthy;
  const { states } = index.overview;
  const well = (states.get('fresh') ?? 0) + (states.get('pending') ?? 0);
  const sum = [...states.values()].reduce((all, each) => all + each, 0);
  return well === sum ? EXIT.ok : EXIT.incomplete;
}

function jsonOf({ address, daemon, index }: Status): object {
  const said = { version: VERSION, daemon: { address, ready: daemon.isReady, detail: daemon.detail } };
  if ('trouble' in index) return { ...said, index: { trouble: index.trouble } };
  const { overview } = index;
  return {
    ...said,
    spaces: Object.fromEntries(overview.states),
    cluster: index.cluster.map(hostToJson),
    linked: index.linked,
    images: overview.images,
    hosts: overview.hosts.map(({ origin, spaces, inTrouble, since, message }) => ({
      origin,
      spaces,
      in_trouble: inTrouble,
      since: timestampInSeconds(since),
      message,
    })),
    waiting: {
      held_spaces: overview.heldSpaces,
      held_images: overview.heldImages,
      suspended: overview.suspended,
      departed: index.departed,
    },
    syncs: { running: index.running, waiting: index.waiting, last_full_on: timestampInSeconds(index.lastFullAt) },
    all_whole_since: timestampInSeconds(overview.allWholeSince),
    never_whole: overview.neverWhole,
    // `bytes` is deprecated: sizes are called so everywhere else.
    index: { size: index.bytes, bytes: index.bytes },
  };
}

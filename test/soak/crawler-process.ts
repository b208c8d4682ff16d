import { setImmediate } from 'node:timers/promises';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import type { RunningSync } from '../../src/crawl/sync/sync-space.js';
import { type CrawlDeps, LEASE_MS, openSync, settleSync } from '../../src/crawl/sync-run.js';
import { OvadexError } from '../../src/domain/model/errors.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Credentials, Space } from '../../src/domain/model/space.js';
import type { Sync, SyncRequest } from '../../src/domain/model/sync.js';
import type { ClaimedSync, SyncLog } from '../../src/domain/ports/sync-log.js';
import { createLogger } from '../../src/platform/log/logger.js';
import { createWebdav, type Webdav } from '../../src/webdav/client.js';
import { demand, Violation } from './check/violation.js';
import { createFuse, type Fuse } from './fuse.js';
import type { CrawlPlan } from './history.js';
import { demandNoSecret } from './leaks.js';
import type { HistoryIndex, Setting } from './setting.js';

/** A process that syncs, with a connection, a storage client and a clock of its own, until it is stopped or killed. */
export interface CrawlerProcess {
  readonly owner: string;
  readonly fuse: Fuse;
  readonly index: HistoryIndex;
  readonly space: Space;
  request(request: Pick<SyncRequest, 'mode' | 'trigger'> & { readonly targets: readonly string[] }): Promise<Sync>;
  /** The next sync of this space that may run, with its lease; null if none may. */
  claim(): Promise<ClaimedSync | null>;
  /**
   * Runs it to its end, or to the process's. With `isImpatient` a silent server
   * is waited for as shortly as a busy machine allows, otherwise for long. False if it lost the database in the middle.
   */
  run(claimed: ClaimedSync, options: RunOptions): Promise<boolean>;
  /** Stands still, clocks and all, until it is woken. */
  sleep(): void;
  wake(): void;
  /** Ends what runs at a commit. */
  interrupt(): void;
  revisit(collections: readonly string[]): void;
  /** Closes everything; what ran must have ended, unless the process is dead. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly isImpatient: boolean;
}

export interface ProcessOptions {
  readonly owner: string;
  readonly setting: Setting;
  readonly url: string;
  readonly auth: Credentials;
  readonly plan: CrawlPlan;
  readonly random: () => number;
  readonly isExcluded: (path: string) => boolean;
  readonly rules: string;
}

/** A stall costs its whole time. On the loopback an answer takes so long only where one waits for nothing, nearly always. */
const IMPATIENT = { connectMs: 1_000, firstByteMs: 1_000, silenceMs: 1_000, totalMs: 80 };
/** Longer than any machine is busy: where nothing stalls nothing may time out. */
const PATIENT = { connectMs: 20_000, firstByteMs: 20_000, silenceMs: 20_000, totalMs: 60_000 };
/** No Retry-After is obeyed longer than five minutes, no wait without one is longer than half a minute. */
const LONGEST_WAIT_MS = 300_000;

export async function startProcess(options: ProcessOptions): Promise<CrawlerProcess> {
  const { owner, setting, url, auth, plan } = options;
  const { time, user, hosts } = setting;
  const again: <T>(work: () => Promise<T>) => Promise<T> = hosts?.again ?? ((work) => work());
  const fuse = createFuse(time.now);
  const index = await setting.openWriter(fuse);
  const settings = { user, url, auth, watchDirectory: null };
  const { spaces, rules } = setting.configure({ user, url, rules: options.rules });
  const configured = await again(() => index.spaces.configure(spaces, rules, time.now()));
  const space = configured.find((each) => each.user === user);
  if (space === undefined) throw new Error('the space was not registered');
  let stopping = new AbortController();
  let running: RunningSync | null = null;

  const openWebdav = (timeouts: typeof PATIENT): Webdav =>
    createWebdav({
      timeouts,
      requestsPerHost: plan.requestsPerHost,
      exclude: options.isExcluded,
      readSecret: async () => ({ problem: 'is not used here' }),
      clock: time.now,
      steadyClock: time.steady,
      random: options.random,
      userAgent: 'ovadex/soak',
      sleep: (ms, signal) => fuse.unlessDead(() => sleep(ms, signal)),
    });
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    demand(ms <= LONGEST_WAIT_MS, '8 (bounds)', () => `a wait of ${ms} ms before a request`);
    await time.pass(ms);
    await setImmediate(); // others that run meanwhile have their turn
    signal.throwIfAborted();
  };
  const clients = new Map<boolean, Webdav>();
  const clientFor = (isImpatient: boolean): Webdav => {
    const client = clients.get(isImpatient) ?? openWebdav(isImpatient ? IMPATIENT : PATIENT);
    clients.set(isImpatient, client);
    return client;
  };

  const syncs: SyncLog = fuse.wrapLog(index.syncs);
  const images = fuse.wrapIndex(index.images);
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'debug', format: 'json', destination });
  const depsFor = (client: Webdav): CrawlDeps => ({
    spaces: [settings],
    discoveries: [],
    limits: {
      schedule: '0 0 1 1 *',
      fullSchedule: '0 0 1 1 *',
      poll: null,
      spacesAtOnce: 1,
      requestsPerSpace: plan.requestsPerSpace,
      maxDepth: plan.maxDepth,
      search: 'auto',
    },
    isExcluded: options.isExcluded,
    rules,
    storage: { open: (place) => fuse.wrapStore(client.open(place)), childUrl: (base, name) => `${base}${name}/` },
    catalogue: index.catalogue,
    index: images,
    registry: index.spaces,
    log: syncs,
    tally: createCrawlTally(),
    owner,
    clock: time.now,
    sleep: (ms, signal) => fuse.unlessDead(() => sleep(ms, signal)),
    logger,
  });

  return {
    owner,
    fuse,
    index,
    space,
    request: ({ mode, trigger, targets }) =>
      again(() =>
        syncs.request({
          spaceId: space.id,
          mode,
          trigger,
          requestedBy: trigger === 'request' ? user : null,
          targets: targets as readonly ResourcePath[],
        }),
      ),
    async claim() {
      const skip = await setting.others();
      const claiming = again(() => syncs.claim({ owner, leaseMs: LEASE_MS, skip }));
      return await Promise.race([claiming, fuse.died.then(() => null)]);
    },
    async run(claimed, { isImpatient }) {
      stopping = new AbortController();
      const deps = depsFor(clientFor(isImpatient));
      const { signal } = stopping;
      const start = () => {
        running = time.asOwner(owner, () => openSync(deps, { space, settings }, claimed, signal));
        return running;
      };
      const breaks = hosts?.breaks;
      const isOfDatabase = (error: unknown) => error instanceof OvadexError && error.code === 'index';
      let isWhole = true;
      const settling = settleSync(claimed, start, deps).catch((error: unknown) => {
        if (breaks === hosts?.breaks || !isOfDatabase(error)) throw error;
        isWhole = false;
      });
      await Promise.race([settling, fuse.died]);
      running = null;
      const said = lines.splice(0);
      demandNoSecret('the log', said);
      const trouble = said.find((line) => line.includes('"level":"error"'));
      if (trouble === undefined || fuse.isDead) return isWhole;
      if (breaks === hosts?.breaks) throw new Violation('no sync breaks down', trouble);
      return false;
    },
    sleep() {
      time.suspend(owner);
      fuse.sleep();
    },
    wake() {
      time.wake(owner);
      fuse.wake();
    },
    interrupt: () => stopping.abort(new Error('stopping')),
    revisit: (collections) => void running?.revisit(collections as readonly ResourcePath[]),
    async close() {
      time.drop(owner);
      await index.close();
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import type { HealthCheck } from '../domain/diagnosis/daemon-health.js';
import type { Displacement } from '../domain/diagnosis/displacement.js';
import type { CrawlMeasurements, WaitingCounts } from '../domain/model/measurements.js';
import type { StaleServing } from '../domain/policy/stale-serving.js';
import type { Clock } from '../domain/ports/clock.js';
import { createTraffic, type Traffic } from '../http/gate/traffic.js';
import { PROXIES } from '../http/gate/unnamed-proxy.js';
import type { CheckHealth, MetricsPage } from '../http/handlers/health.js';
import { createMonitoringApp } from '../http/monitoring-app.js';
import { type HttpServer, listen } from '../http/server/server.js';
import { watchEventLoop } from '../platform/event-loop.js';
import { createMetrics } from '../platform/metrics.js';
import { VERSION } from '../platform/version.js';

/** The stages of a daemon's life. */
export type Phase = 'starting' | 'serving' | 'stopping' | 'failed';

/** A daemon as monitoring sees it: whether it is alive, whether it can answer, and its metrics. */
export interface Watching {
  readonly traffic: Traffic;
  /** Counts an answer to a request that the API never saw, and whose method is unknown therefore. */
  readonly noteUnread: (status: number) => void;
  readonly checkHealth: CheckHealth;
  /** Whether the daemon keeps running: without its crawler it exits within seconds. */
  isAlive(): boolean;
  /** The metrics page for the public listener; null if metrics have their own listener. */
  readonly publicMetrics: MetricsPage | null;
  /** Opens the separate listener if one is configured. Returns its URL, or null. */
  open(): Promise<string | null>;
  /**
   * Tells how the daemon is where the API would be, or by a socket that already listens. It has no metrics there: without an
   * API nobody could show that they may read them.
   */
  serveHere(listenerFd: number | null | undefined): Promise<HttpServer>;
  close(): Promise<void>;
}

/** Probes behind the health check. */
export interface Watched {
  phase(): Phase;
  /** Whether a proxy was seen that the configuration doesn't name. */
  isProxyUnnamed?(): boolean;
  /** How the open index differs from the file of its name; null if they are the same. */
  displacement(): Displacement | null;
  /** Reads something from the index; rejects if it can't be read. */
  readIndex(): Promise<unknown>;
  /** `CrawlerThread.check`; like `measureCrawl` it rejects while there is no crawler. */
  checkCrawler(): Promise<void>;
  measureCrawl(): Promise<CrawlMeasurements>;
  /** Undefined before anybody can wait. */
  waiting?(): WaitingCounts | undefined;
  /** What is served while the index is away; null if nothing is. */
  stale?(): StaleServing | null;
  /** Whether a database is known to be away; null for a file. */
  isAway?(): boolean | null;
  /** Why a changed configuration is not in effect yet; null if none is pending. */
  reloadTrouble?(): string | null;
}

/** Monitoring tools give up after some seconds; a crawler's longest commit is shorter than this, and so is a wait for a lock. */
const CHECK_WITHIN_MS = 2_000;
/** A scrape or a health check takes milliseconds. */
const DRAIN_MS = 1_000;

const NOBODY: WaitingCounts = { clients: 0, streams: 0 };

const NOT_SERVING: Readonly<Record<Phase, string>> = {
  starting: 'it is starting',
  serving: '',
  stopping: 'it is stopping',
  failed: 'its crawler ended unexpectedly, so the daemon is stopping',
};

const SERVED_STALE = 'it does not answer; lists that are in memory are served as stale';
const UNNAMED = 'X-Forwarded-For comes from an address that server.trustedProxies does not name';

export function createWatching(
  config: Config,
  watched: Watched,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Watching {
  const { metricsListen } = config.server;
  const traffic = createTraffic();
  const metrics = createMetrics({
    traffic: traffic.read,
    waiting: () => watched.waiting?.() ?? NOBODY,
    outage: () => ({ isAway: watched.isAway?.() ?? null, served: watched.stale?.()?.served() ?? 0 }),
    loop: watchEventLoop(),
    crawl: watched.measureCrawl,
    hasCrawler: config.roles.includes('crawler'),
    clock,
    version: VERSION,
  });
  let server: HttpServer | undefined;

  const writing = config.roles.includes('crawler')
    ? { name: 'crawler', trouble: 'it does not answer, or the index cannot be written' }
    : { name: 'writing', trouble: 'the index cannot be written' };
  const lookAtIndex = async () => {
    const displacement = watched.displacement();
    if (displacement !== null) return isWell('index', true, false, displacement.what);
    const looked = await lookAt('index', true, watched.readIndex, 'it does not answer');
    // If all hosts lose it at once, whoever sends clients elsewhere has nowhere to send them.
    const isServingStale = !looked.ok && watched.stale?.()?.isServing() === true;
    return isServingStale ? isWell('index', false, false, SERVED_STALE) : looked;
  };
  const checkHealth: CheckHealth = async () => {
    const phase = watched.phase();
    const trouble = watched.reloadTrouble?.() ?? null;
    return [
      isWell('serving', true, phase === 'serving', NOT_SERVING[phase]),
      ...(await Promise.all([lookAtIndex(), lookAt(writing.name, false, watched.checkCrawler, writing.trouble)])),
      ...(trouble === null ? [] : [isWell('configuration', false, false, trouble)]),
      ...(watched.isProxyUnnamed?.() === true ? [isWell(PROXIES, false, false, UNNAMED)] : []),
    ];
  };

  const isAlive = () => watched.phase() !== 'failed';

  return {
    traffic,
    // Named only here, so that it comes behind the routes that the API has declared by then.
    noteUnread: (status) => traffic.route('none')('', status, null),
    checkHealth,
    isAlive,
    publicMetrics: metricsListen === null ? metrics : null,
    async open() {
      if (metricsListen === null) return null;
      server = await listen(createMonitoringApp({ checkHealth, isAlive, metrics, logger }), metricsListen, { logger });
      return server.url;
    },
    async serveHere(fd) {
      const address = typeof fd === 'number' ? ({ kind: 'descriptor', fd } as const) : config.server.listen;
      return await listen(createMonitoringApp({ checkHealth, isAlive, metrics: null, logger }), address, { logger });
    },
    async close() {
      await server?.close(DRAIN_MS);
    },
  };
}

function isWell(name: string, required: boolean, ok: boolean, trouble: string): HealthCheck {
  return { name, ok, required, detail: ok ? null : trouble };
}

/** Deliberately vague: errors name files and hosts, and belong in the log. */
async function lookAt(
  name: string,
  required: boolean,
  look: () => Promise<unknown>,
  trouble: string,
): Promise<HealthCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_WITHIN_MS);
  });
  const looked = look().then(
    () => true,
    () => false,
  );
  const ok = await Promise.race([looked, late]);
  clearTimeout(timer);
  return isWell(name, required, ok, trouble);
}

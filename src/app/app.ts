import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { formatDuration } from '../config/fields/duration.js';
import type { Config } from '../config/schema.js';
import type { Displacement } from '../domain/diagnosis/displacement.js';
import { diagnoseDurability } from '../domain/diagnosis/durability.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import { OvadexError } from '../domain/model/errors.js';
import { createStaleServing, type StaleServing } from '../domain/policy/stale-serving.js';
import type { Clock } from '../domain/ports/clock.js';
import { createProxyWatch } from '../http/gate/unnamed-proxy.js';
import type { HttpServer } from '../http/server/server.js';
import { VERSION } from '../platform/version.js';
import { statusOf } from './admin/status-of.js';
import { type Api, createApi } from './api.js';
import { type Callers, createCallers } from './callers.js';
import { type Crawling, startCrawlerThread } from './crawling/start-crawling.js';
import { unlessAway } from './crawling/unless-away.js';
import { type DaemonIndex, openDaemonIndex } from './daemon-index.js';
import type { Index } from './engines/index-ports.js';
import { displaced } from './index-guard.js';
import { createWatching, type Phase, type Watching } from './monitoring.js';
import type { OwnPresence } from './settings/host-presence.js';
import { createLiveConfig } from './settings/live-config.js';
import { settingsInEffect, sourcesOf } from './settings/settings-in-effect.js';

/** The daemon: the API in this thread, the crawler in its own; or one of both. */
export interface App {
  start(): Promise<{ readonly url: string }>;
  /** Switches to another configuration; settings that only a restart can change are kept, and logged. */
  reload(config: Config): Promise<void>;
  /** Reads the configuration file again, changed or not, and applies it. Never rejects. */
  reread(): Promise<void>;
  /** Describes in one line what the daemon holds and does. */
  status(): Promise<string>;
  /** Resolves if both threads answer and the index can be read and written; otherwise rejects or never settles. */
  check(): Promise<void>;
  /** Drains responses, ends syncs at a commit, closes the index. */
  stop(): Promise<void>;
}

export interface AppOverrides {
  readonly logger: Logger;
  /**
   * The configuration file to watch, with the files it names: a valid change takes effect, an invalid one changes
   * nothing and is logged.
   */
  readonly configFile?: {
    readonly path: string;
    readonly named: readonly string[];
    readonly warnings?: readonly string[];
  };
  /** Finds what is wrong with a daemon, as far as that shows without asking a storage. */
  readonly examine?: (config: Config, index: Index) => Promise<readonly Finding[]>;
  /** The value of `${CREDENTIALS_DIRECTORY}` in the configuration. */
  readonly credentialsDirectory?: string | undefined;
  /** Wraps every reload; calls `read` once. */
  readonly aroundReload?: (read: () => Promise<void>) => Promise<void>;
  /** A socket that already listens, used in place of `server.listen`. */
  readonly listenerFd?: number | null;
  readonly clock?: Clock;
  /** Called if the crawler thread died, or the index was replaced or is a newer program's; the daemon should exit. */
  readonly onFailure?: (error: Error) => void;
}

/** Time for responses to finish at a stop; with the crawler's share it stays below ten seconds. */
const DRAIN_MS = 8_000;

/** Time for responses to finish once the crawler is gone: a restart has to wait for them. */
const FAILED_DRAIN_MS = 1_000;

/** The daemon's composition root. */
export function createApp(config: Config, overrides: AppOverrides): App {
  const { logger, clock = Date.now } = overrides;
  const inEffect = settingsInEffect(config);
  const startedAt = clock();
  let own: DaemonIndex | undefined;
  let crawling: Crawling | undefined;
  let presence: OwnPresence | undefined;
  let api: Api | undefined;
  let server: HttpServer | undefined;
  let watching: Watching | undefined;
  const proxyWatch = createProxyWatch(config.server.trustedProxies, logger);
  let callers: Callers | undefined;
  let phase: Phase = 'starting';
  let displacement: Displacement | null = null;
  let rescue: Promise<void> | undefined;
  let isCrawlerDone = false;
  let stale: StaleServing | null = null;

  const noteOutage = (isAway: boolean) => {
    if (!isAway) return logger.warn('the database can be reached again');
    const servedFor = formatDuration(config.api.serveStaleMs);
    logger.warn({ servedFor }, 'the database can not be reached; lists that are in memory are served as stale');
  };

  const onDisplaced = (found: Displacement) => {
    displacement = found;
    const error = displaced(config, found);
    logger.error(error.message);
    rescue = save(found)
      .catch((err: unknown) => logger.warn({ err }, 'part of the index could not be saved'))
      .finally(() => overrides.onFailure?.(error));
  };

  const { roles } = config;
  const startCrawling = async (index: Index) => {
    if (roles.includes('crawler')) return startCrawlerThread(config, fail);
    const { crawlElsewhere } = await import('./crawler-elsewhere.js');
    return await crawlElsewhere(config, { index, clock, logger });
  };

  const stopWriting = async () => {
    await callers?.stop();
    await crawling?.crawler.stop();
    isCrawlerDone = true;
  };

  /** Stops the crawler from writing where other processes may write by now, and saves what only this process still has open. */
  const save = async ({ rescue: how, isLogLeft }: Displacement) => {
    if (how === 'checkpoint') return await Promise.race([stopWriting(), delay(DRAIN_MS)]);
    isCrawlerDone = true;
    await crawling?.terminate();
    if (how !== 'copy') return;
    const kept = own?.keepDisplaced(isLogLeft);
    logger.warn({ kept }, 'the contents of the replaced or deleted index have been kept');
  };

  /**
   * Ends the daemon after a failure, even during a stop: until the crawler has confirmed that everything is stored, its
   * end is not part of the stop.
   */
  const fail = (error: OvadexError) => {
    if (phase === 'failed' || isCrawlerDone) return;
    phase = 'failed';
    // Logged first: the steps that follow may hang, and then nothing would be logged.
    logger.fatal({ err: error.cause ?? error }, error.message);
    overrides.onFailure?.(error);
  };

  /** Ends the daemon at once: by a schema that it doesn't know, it can't tell any more what it may write. */
  const onOutgrown = (error: OvadexError) => {
    fail(error);
    void crawling?.terminate();
  };

  const apply = async (next: Config) => {
    // The crawler keeps writing to the index that the API reads; another one is opened only at a restart.
    await crawling?.crawler.reload({ ...next, data: config.data, link: config.link });
    Object.assign(inEffect, settingsInEffect(next));
    await api?.reload(next);
  };
  const { configFile: file, aroundReload: around, credentialsDirectory } = overrides;
  const live = createLiveConfig(config, { apply, file, around, credentialsDirectory, logger });

  const notYet = () => Promise.reject(new OvadexError('unavailable', 'the crawler has not started yet'));
  /** Reads a space that can't exist, to see whether the index answers. */
  const readIndex = async () => {
    if (own === undefined) return await notYet();
    const { catalogue } = own.index;
    const read = () => catalogue.space('');
    return await (stale?.briefly(read) ?? read());
  };
  const checkCrawler = () => crawling?.crawler.check() ?? notYet();
  const measureCrawl = async () => {
    const crawl = crawling?.crawler.measure() ?? notYet();
    const [counts, hosts] = await Promise.all([crawl, unlessAway(async () => (await presence?.measure()) ?? {})]);
    return { ...counts, ...hosts };
  };

  return {
    async start() {
      // Opened first, so that a start that migrates a large index for a while can be observed.
      watching = createWatching(
        config,
        {
          phase: () => phase,
          displacement: () => displacement,
          readIndex,
          checkCrawler,
          measureCrawl,
          waiting: () => api?.waiting(),
          stale: () => stale,
          isAway: () => own?.index.outage?.isAway() ?? null,
          reloadTrouble: live.trouble,
          isProxyUnnamed: proxyWatch.isFound,
        },
        { clock, logger },
      );
      const metricsUrl = await watching.open();
      own = await openDaemonIndex(config, { clock, onDisplaced, onOutage: noteOutage });
      const { index } = own;
      for (const { message, action } of diagnoseDurability('', await index.unsafeSettings())) {
        logger.warn({ action }, `the database: ${message}`);
      }
      stale = createStaleServing(index.outage, { atMostMs: config.api.serveStaleMs });
      const writer = async () => crawling?.crawler ?? (await notYet());
      const timed = { clock: index.clock, logger };
      if (roles.includes('api')) callers = await createCallers(config, index, writer, { ...timed, stale });
      crawling = await startCrawling(index);
      const { crawler } = crawling;
      await crawler.ready();
      if (callers === undefined) server = await watching.serveHere(overrides.listenerFd);
      else {
        const examine = async () => (await overrides.examine?.(live.current(), index)) ?? [];
        const shared = { live, inEffect, proxyWatch, startedAt, ...timed };
        api = createApi(config, { index, callers, stale, crawler, watching, examine, measureCrawl, ...shared });
        server = await api.serve(overrides.listenerFd);
      }
      if (index.hosts !== null) {
        const { announceHost } = await import('./settings/host-presence.js');
        presence = announceHost(index.hosts, { config: live.current, startedAt, logger, onOutgrown });
      }
      live.watch();
      if (phase === 'starting') phase = 'serving';
      const urls = { url: server.url, ...(metricsUrl === null ? {} : { metricsUrl }) };
      logger.info({ ...urls, version: VERSION, ...sourcesOf(config) }, 'ovadex serves');
      return { url: server.url };
    },
    reload: live.reload,
    reread: live.reread,
    status: () => statusOf(own?.index, { refusal: live.refusal(), now: clock(), intervalMs: inEffect.syncIntervalMs }),
    async check() {
      await readIndex();
      // A thread that answers this is alive, and a restart would not fix what keeps it from crawling.
      await checkCrawler().catch((error: unknown) => {
        if (!(error instanceof OvadexError && error.code === 'unavailable' && phase === 'serving')) throw error;
      });
    },
    async stop() {
      if (phase !== 'failed') phase = 'stopping';
      own?.unguard();
      await live.end();
      const hasFailed = () => phase === 'failed' || displacement !== null;
      const isFailed = hasFailed();
      await presence?.end();
      await api?.end();
      const drained = server?.close(isFailed ? FAILED_DRAIN_MS : DRAIN_MS);
      await Promise.all([drained, isFailed ? rescue : stopWriting()]);
      isCrawlerDone = true; // its end is expected from here on
      await crawling?.terminate();
      await api?.close();
      await watching?.close();
      await own?.release(!hasFailed());
    },
  };
}

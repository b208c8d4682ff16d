import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createLogIn } from '../auth/log-in.js';
import type { Config } from '../config/schema.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import type { CheckCredentials } from '../domain/hosts/log-in-proof.js';
import { OvadexError } from '../domain/model/errors.js';
import type { CrawlMeasurements, WaitingCounts } from '../domain/model/measurements.js';
import type { StaleServing } from '../domain/policy/stale-serving.js';
import type { Clock } from '../domain/ports/clock.js';
import { createHttpApp } from '../http/app.js';
import type { ProxyWatch } from '../http/gate/unnamed-proxy.js';
import { createWaits } from '../http/lists/waits.js';
import type { SettingsInEffect } from '../http/reply/context.js';
import { createBatches } from '../http/server/batch.js';
import { createReplays } from '../http/server/replay.js';
import { connectionsWithin, type HttpServer, listen } from '../http/server/server.js';
import { descriptorLimit } from '../platform/descriptors.js';
import { createAudit } from '../platform/log/audit.js';
import { giveMemoryBackAfterLoad } from '../platform/memory-after-load.js';
import { VERSION } from '../platform/version.js';
import { administrationOf } from './admin/administration-on-demand.js';
import type { Callers } from './callers.js';
import { consoleOf } from './console/console-on-demand.js';
import { sharePlaces } from './crawling/shared-places.js';
import type { CrawlerThread } from './crawling/thread-protocol.js';
import { onDemand } from './demand/on-demand.js';
import type { Index } from './engines/index-ports.js';
import { backupsOf } from './engines/sqlite-index.js';
import { linksOf } from './links-on-demand.js';
import type { Watching } from './monitoring.js';
import { keepAudit } from './settings/host-name.js';
import type { LiveConfig } from './settings/live-config.js';

export interface ApiDeps {
  readonly index: Index;
  readonly callers: Callers;
  readonly stale: StaleServing | null;
  readonly crawler: CrawlerThread<Config>;
  readonly watching: Watching;
  readonly live: LiveConfig;
  /** Whoever reloads writes into it. */
  readonly inEffect: SettingsInEffect;
  readonly proxyWatch: ProxyWatch;
  readonly examine: () => Promise<readonly Finding[]>;
  readonly measureCrawl: () => Promise<CrawlMeasurements>;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The API of a host. */
export interface Api {
  /** Begins to answer, at the configured address or by a socket that already listens. */
  serve(listenerFd: number | null | undefined): Promise<HttpServer>;
  waiting(): WaitingCounts;
  /** Goes on with other settings; those that only a restart can change are left. */
  reload(next: Config): Promise<void>;
  /** Ends what administrators have begun, and answers all who wait for changes. */
  end(): Promise<void>;
  /** Closes its connections to storages. */
  close(): Promise<void>;
}

/** Sets up the API over an index. */
export function createApi(config: Config, deps: ApiDeps): Api {
  const { index, callers, stale, crawler, watching, live, inEffect, proxyWatch, clock, logger } = deps;
  const { catalogue, changes, snapshots, syncs, traces } = index;
  // With the WebDAV client it is a third of the code of this thread, and many daemons never need it.
  const credentials = onDemand(async () =>
    (await import('./credential-check.js')).createCredentialCheck(live.current(), {
      ...{ catalogue, counts: index.logInCounts },
      places: await sharePlaces(index, { kind: 'log-in', owner: randomUUID() }),
      ...{ clock, logger },
    }),
  );
  const checkCredentials: CheckCredentials = async (...call) => await (await credentials.get()).check(...call);
  const batches = createBatches();
  const isServingStale = () => stale?.isServing() === true;
  const waits = createWaits({ catalogue, changes, perUser: config.api.waitsPerUser, isServingStale });
  const stamps = { current: batches.oncePerBatch(changes.current) };
  const replays = createReplays({ changes: stamps, clock: batches.oncePerBatch(clock) });
  const stopGivingBack = giveMemoryBackAfterLoad(replays.clear);
  const administration = administrationOf({
    ...{ history: index.history, facts: index.facts, hosts: index.hosts, audit: index.audit },
    measureCrawl: deps.measureCrawl,
    ...{ checkHealth: watching.checkHealth, examine: deps.examine },
    config: live,
    dataDirectory: config.data.directory,
    backups: {
      ...backupsOf(config),
      make: async (...of) => await (await import('./make-backup.js')).makeBackupApart(config)(...of),
    },
    ...{ startedAt: deps.startedAt, clock, logger },
  });
  const http = createHttpApp({
    ...{ catalogue, changes: stamps, snapshots, waits },
    ...{ syncs, traces, proxyWatch, stale },
    ...callers,
    logIn: createLogIn({ check: checkCredentials }),
    logInCounts: index.logInCounts,
    trustedProxies: config.server.trustedProxies,
    crawler,
    ...linksOf(config, crawler),
    clock,
    ...(index.sharedRun === null ? {} : { run: index.sharedRun }),
    logger,
    publicUrl: config.server.publicUrl,
    inEffect,
    version: VERSION,
    requestLimit: config.api.rateLimit,
    publicUsers: config.api.catalogue === 'public' ? () => live.current().publicUsers : null,
    usersOfExpanded: () => live.current().publicUsers,
    corsOrigins: config.api.corsOrigins,
    console: consoleOf(config, { processTokens: callers.processTokens, clock, logger }),
    forget: crawler.forget,
    administration: config.data.database === undefined ? administration : { ...administration, backUp: noFile },
    // Logged at every level: what administrators do is not a matter of verbosity.
    audit: createAudit(config.data.directory, {
      clock,
      log: logger.child({}, { level: 'info' }),
      keep: keepAudit(config, index.audit),
    }),
    traffic: watching.traffic,
    replays,
    checkHealth: watching.checkHealth,
    isAlive: watching.isAlive,
    metrics: watching.publicMetrics,
  });
  return {
    async serve(fd) {
      const address = typeof fd === 'number' ? ({ kind: 'descriptor', fd } as const) : config.server.listen;
      const maxConnections = connectionsWithin(descriptorLimit() ?? Number.POSITIVE_INFINITY);
      const limits = { maxConnections, keepAliveTimeout: config.server.keepAliveMs };
      const { noteUnread } = watching;
      return await listen(http, address, { logger, batches, replays, noteUnread, limits });
    },
    waiting: () => waits.counts(),
    async reload(next) {
      (await credentials.ifMade())?.reload(next);
      replays.clear();
    },
    async end() {
      stopGivingBack();
      await administration.end();
      waits.end();
    },
    async close() {
      await (await credentials.ifMade())?.close();
    },
  };
}

const noFile = () =>
  Promise.reject(
    new OvadexError('conflict', 'a PostgreSQL database keeps the index: its own tools copy it, such as pg_dump'),
  );

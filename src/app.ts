import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { createIssuerKeys } from './auth/issuer-keys.js';
import { createIssuerTokens } from './auth/issuer-tokens.js';
import { createLogIn } from './auth/log-in.js';
import { createSessionTokens, SESSION_ISSUER, type SessionTokens } from './auth/session-tokens.js';
import { loadSigningKey } from './auth/signing-key.js';
import { rememberPrincipals } from './auth/token-cache.js';
import { createTokenUses, type TokenUses } from './auth/token-uses.js';
import { createTokenVerifier, type VerifyOneKind } from './auth/verify-token.js';
import { checkConfigApart } from './config/apart.js';
import type { Config } from './config/schema.js';
import { type WatchedConfig, watchConfig } from './config/watch.js';
import { longestInterval } from './crawl/scheduler.js';
import { type CrawlerThread, connectCrawler } from './crawl/worker.js';
import type { CredentialCheck } from './credential-check.js';
import { OvadexError } from './domain/errors.js';
import type { CheckCredentials, Clock } from './domain/ports.js';
import { summarise } from './domain/summary.js';
import { createHttpApp } from './http/app.js';
import { createRepeats } from './http/repeats.js';
import { connectionsWithin, type HttpServer, listen } from './http/server.js';
import { createTurns } from './http/turn.js';
import { type Index, openIndex } from './open-index.js';
import { createAudit } from './platform/audit.js';
import { descriptorLimit } from './platform/descriptors.js';
import { VERSION } from './platform/version.js';
import { createWatching, type Phase, type Watching } from './watching.js';

/** The daemon: the API in this thread, the crawler in its own. */
export interface App {
  start(): Promise<{ readonly url: string }>;
  /** Goes on with another configuration; what only a restart can change stays and is logged. */
  reload(config: Config): Promise<void>;
  /** Reads the configuration file again, changed or not, and goes on with it as after any change. Never rejects. */
  reread(): Promise<void>;
  /** What it has and does, in one line. */
  status(): Promise<string>;
  /** Settles while both threads answer and the index can be read and written; rejects, or does not settle, otherwise. */
  check(): Promise<void>;
  /** Drains answers, ends syncs at a commit, closes the index. */
  stop(): Promise<void>;
}

export interface AppOverrides {
  readonly logger: Logger;
  /** Watched, with the files that it names: a valid change takes effect, an invalid one changes nothing and is logged. */
  readonly configFile?: { readonly path: string; readonly named: readonly string[] };
  /** What `${CREDENTIALS_DIRECTORY}` stands for in it. */
  readonly credentialsDirectory?: string | undefined;
  /** What else a reading of the file takes; calls `read` once. */
  readonly aroundReload?: (read: () => Promise<void>) => Promise<void>;
  /** A socket that listens already, in the place of `server.listen`. */
  readonly listenerFd?: number | null;
  readonly clock?: Clock;
  /** The crawler has ended without being asked to: the daemon is of no use any more. */
  readonly onFailure?: (error: Error) => void;
}

/** What answers get to finish at a stop; with the crawler's share it stays below ten seconds. */
const DRAIN_MS = 8_000;

/** More syncs don't run at a time: `crawl.spacesAtOnce` here, and a few by hand. */
const MAX_RUNNING = 100;

/** The daemon's composition root. */
export function createApp(config: Config, overrides: AppOverrides): App {
  const { logger, clock = Date.now } = overrides;
  let current = config;
  let intervalMs = longestInterval(config.crawl.schedule, config.crawl.timeZone);
  let index: Index | undefined;
  let thread: { worker: Worker; crawler: CrawlerThread<Config> } | undefined;
  let credentials: Promise<CredentialCheck> | undefined;
  let server: HttpServer | undefined;
  let watching: Watching | undefined;
  let watched: WatchedConfig | undefined;
  let uses: TokenUses | undefined;
  let refusal: string | null = null;
  let phase: Phase = 'starting';

  const startCrawlerThread = () => {
    const worker = new Worker(new URL('./crawler-thread.js', import.meta.url), { workerData: config });
    worker.on('error', (error) => overrides.onFailure?.(error));
    worker.on('exit', (code) => {
      if (phase !== 'stopping')
        overrides.onFailure?.(new Error(`the crawler has ended unexpectedly, exit code ${code}`));
    });
    return { worker, crawler: connectCrawler<Config>(worker) };
  };

  const reload = async (next: Config) => {
    warnOfRestart(logger, current, next);
    await thread?.crawler.reload(next);
    (await credentials)?.reload(next);
    intervalMs = longestInterval(next.crawl.schedule, next.crawl.timeZone);
    current = next;
    logger.info({ spaces: next.spaces.length }, 'configuration reloaded');
  };

  const onConfig = async (next: Config, warnings: readonly string[]) => {
    for (const warning of warnings) logger.warn(warning);
    refusal = null;
    await reload(next).catch((err: unknown) => logger.error({ err }, 'could not reload'));
  };
  const onRefused = (reason: string) => {
    refusal = reason;
    logger.error(`the changed configuration is refused, nothing changes: ${reason}`);
  };

  const notYet = () => Promise.reject(new OvadexError('unavailable', 'it is not there yet'));
  /** Nobody's space; what is asked is whether there is an answer. */
  const readIndex = () => index?.catalogue.space('') ?? notYet();
  const checkCrawler = () => thread?.crawler.check() ?? notYet();
  const measureCrawl = () => thread?.crawler.measure() ?? notYet();

  return {
    async start() {
      // Before all else: a start that migrates a large index takes its time, and is seen to.
      watching = createWatching(
        config,
        { phase: () => phase, readIndex, checkCrawler, measureCrawl },
        { clock, logger },
      );
      const metricsUrl = await watching.open();
      openIndex(config, { isToBeServed: true, clock }).close(); // creates and migrates it before anybody reads
      index = openIndex(config, { readonly: true, clock });
      const { catalogue, snapshots, syncs, authority, tokens } = index;
      const deps = { clock, logger };
      const writer = async () => thread?.crawler ?? (await notYet());
      const sessions = createSessionTokens({
        signingKey: await loadSigningKey(config.data.directory),
        ...deps,
        spaceOf: async (user) => (await catalogue.space(user))?.id ?? null,
        record: async (token) => (await writer()).recordLogIn(token),
        findByHash: tokens.findByHash,
      });
      uses = createTokenUses({ ...deps, write: async (seen) => (await writer()).noteTokenUses(seen) });
      const verify = createTokenVerifier({ opaque: authority.verify, jwt: createJwts(config, sessions, deps) });
      // With the storages' client it is a third of what this thread would load, and many a daemon never needs it.
      const loadCredentialCheck = async () =>
        (await import('./credential-check.js')).createCredentialCheck(current, { catalogue, clock, logger });
      const checkCredentials: CheckCredentials = async (...call) => {
        credentials ??= loadCredentialCheck();
        return await (await credentials).check(...call);
      };
      thread = startCrawlerThread();
      await thread.crawler.ready();
      const turns = createTurns();
      const repeats = createRepeats();
      const http = createHttpApp({
        catalogue: { ...catalogue, version: turns.oncePerTurn(catalogue.version) },
        snapshots,
        syncs,
        verify: rememberPrincipals({ verify, clock }),
        logIn: createLogIn({ check: checkCredentials }),
        issueToken: sessions.issue,
        tokens: {
          page: tokens.page,
          find: tokens.find,
          setDisabled: async (user, id, at) => (await writer()).setTokenDisabled({ user, id, at }),
          end: async (user, id, at) => (await writer()).endToken({ user, id, at }),
        },
        noteUse: uses.note,
        trustedProxies: config.server.trustedProxies,
        crawler: thread.crawler,
        clock,
        logger,
        publicUrl: config.server.publicUrl,
        syncIntervalMs: () => intervalMs,
        version: VERSION,
        requestLimit: config.api.rateLimit,
        publicUsers: config.api.catalogue === 'public' ? () => current.publicUsers : null,
        forget: thread.crawler.forget,
        // Whatever the level: what administrators do is no matter of verbosity.
        audit: createAudit(config.data.directory, { clock, log: logger.child({}, { level: 'info' }) }),
        traffic: watching.traffic,
        repeats,
        checkHealth: watching.checkHealth,
        metrics: watching.publicMetrics,
      });
      const { listenerFd: fd } = overrides;
      const address = typeof fd === 'number' ? ({ kind: 'descriptor', fd } as const) : config.server.listen;
      const maxConnections = connectionsWithin(descriptorLimit() ?? Number.POSITIVE_INFINITY);
      const unread = watching.traffic.route('none');
      const noteUnread = (status: number) => unread('', status, null); // whichever method it was to be
      server = await listen(http, address, { logger, turns, repeats, noteUnread, limits: { maxConnections } });
      const { configFile, aroundReload: around, credentialsDirectory } = overrides;
      if (configFile !== undefined) {
        const { path, named } = configFile;
        const options = { check: checkConfigApart, named, credentialsDirectory };
        watched = watchConfig(path, { around, onConfig, onRefused }, options);
      }
      phase = 'serving';
      const urls = { url: server.url, ...(metricsUrl === null ? {} : { metricsUrl }) };
      logger.info({ ...urls, version: VERSION, spaces: config.spaces.length }, 'ovadex serves');
      return { url: server.url };
    },
    reload,
    reread: () => watched?.reread() ?? Promise.resolve(),
    async status() {
      const spaces = (await index?.catalogue.spaces()) ?? [];
      const running = (await index?.syncs.list({ statuses: ['IN_PROGRESS'], limit: MAX_RUNNING })) ?? [];
      return summarise({ spaces, runningSyncs: running.length, refusal, now: clock(), intervalMs });
    },
    async check() {
      await readIndex();
      await checkCrawler();
    },
    async stop() {
      phase = 'stopping';
      await watched?.end();
      await Promise.all([
        server?.close(DRAIN_MS),
        (uses?.stop() ?? Promise.resolve()).then(() => thread?.crawler.stop()),
      ]);
      await thread?.worker.terminate();
      await (await credentials)?.close();
      await watching?.close();
      index?.close();
    },
  };
}

/** Who makes tokens that can be read: the daemon itself and the configured issuers, by name. */
function createJwts({ auth }: Config, sessions: SessionTokens, { clock, logger }: { clock: Clock; logger: Logger }) {
  const kinds = new Map<string, VerifyOneKind>([[SESSION_ISSUER, sessions.verify]]);
  for (const settings of auth.issuers) {
    const keys = createIssuerKeys(settings, { fetch, clock, logger });
    void keys.refresh(); // so that a mistake shows in the log at once; it never rejects
    kinds.set(settings.issuer, createIssuerTokens(settings, { keys, clock }));
  }
  return kinds;
}

function warnOfRestart(logger: Logger, before: Config, now: Config): void {
  for (const section of ['server', 'data', 'api', 'auth', 'log'] as const) {
    if (JSON.stringify(before[section]) === JSON.stringify(now[section])) continue;
    logger.warn(`the change of "${section}" takes effect at the next start`);
  }
}

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import { readSecretFile } from '../config/source/secret-file.js';
import { credentialsOfUser, type UserCredentials } from '../config/users/credentials-of-user.js';
import { keepingLastGood } from '../config/users/last-good.js';
import { type CrawlTally, createCrawlTally } from '../crawl/crawl-metrics.js';
import { keepLead, soleLead } from '../crawl/schedule/lead.js';
import type { DiscoveryReport, Storage } from '../crawl/spaces/space-roster.js';
import { type SyncNowOptions, syncNow } from '../crawl/sync-now.js';
import type { CrawlDeps } from '../crawl/sync-run.js';
import { requestsAtOnce } from '../domain/hosts/requests-at-once.js';
import type { ForgetUser } from '../domain/model/audit.js';
import type { ForgottenUser } from '../domain/model/departed.js';
import { compileExclusions, exclusionsOf } from '../domain/model/exclusions.js';
import { IMAGE_RULE } from '../domain/model/image.js';
import type { CrawlMeasurements } from '../domain/model/measurements.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { Sync } from '../domain/model/sync.js';
import type { FillCredentials } from '../domain/policy/discovered-space.js';
import { holderOf } from '../domain/policy/leadership.js';
import type { AuditLog } from '../domain/ports/audit-log.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import type { LinkWriter } from '../domain/ports/link-store.js';
import type { TokenWriter } from '../domain/ports/token-store.js';
import { readImage } from '../ovf/read-image.js';
import { createAudit } from '../platform/log/audit.js';
import { VERSION } from '../platform/version.js';
import { createWebdav, type Webdav, type WebdavOptions } from '../webdav/client.js';
import { hrefFromPath, wholeEncoded } from '../webdav/multistatus/href.js';
import { type Sleep, sleepInRealTime } from '../webdav/transport/sleep.js';
import { shareOutages, sharePlaces } from './crawling/shared-places.js';
import { unlessAway } from './crawling/unless-away.js';
import type { Index } from './engines/index-ports.js';
import { createLinkedSpaces } from './linked-spaces.js';
import { openIndex } from './open-index.js';
import { type Predecessor, type ServedCrawl, serveCrawl } from './serve-crawl.js';
import { keepAudit, nameOfHost } from './settings/host-name.js';
import { syncIntervalMs } from './settings/settings-in-effect.js';
import { createWebhooksOnDemand } from './webhooks/on-demand.js';

export type { DiscoveryReport } from '../crawl/spaces/space-roster.js';
export type { Outage } from '../crawl/sync-now.js';

/** A crawler with its own connection to the index and its own storage clients. */
export interface CrawlerHandle {
  /** Crawls by schedule, requests and hints until it is stopped; see `startCrawlDaemon`. */
  serve(before?: Predecessor): Promise<ServedCrawl>;
  syncNow(options: SyncNowOptions): Promise<readonly Sync[]>;
  /** Rejects with OvadexError `index` while the index can't be written. */
  check(): Promise<void>;
  /** Deletes users in steps, between which the daemon can commit. */
  readonly forget: ForgetUser;
  /** Writes tokens for the daemon, whose API only reads. */
  readonly tokens: TokenWriter;
  /** Stores users' links; `ServedCrawl.update` with the same configuration takes them over. */
  readonly links: LinkWriter;
  /** What was done on all hosts of the index; null if it has no other. */
  readonly audit: AuditLog | null;
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  /** Reads the counters, and the totals of the index. */
  measure(): Promise<Omit<CrawlMeasurements, 'loop'>>;
  /** Closes the index and the storage clients; all syncs must have ended. */
  stop(): Promise<void>;
}

export interface CrawlerOverrides {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Counters of an earlier crawler of the same process, which are continued. */
  readonly tally?: CrawlTally;
  /** How the crawl waits; those of its requests wait in real time. */
  readonly sleep?: Sleep;
}

/** The composition root of the crawl, for the daemon's thread and for `ovadex sync`. Rejects as `openIndex` does. */
export async function createCrawler(
  config: Config,
  { logger, clock: hostClock = Date.now, tally = createCrawlTally(), sleep = sleepInRealTime }: CrawlerOverrides,
): Promise<CrawlerHandle> {
  const { index, webdav, once, places, deps } = await compose(config, { logger, clock: hostClock, tally, sleep });
  const { clock } = index;
  const exclusions = exclusionsOf(config.crawl);
  const intervalMs = syncIntervalMs(config);
  const linked = createLinkedSpaces(index.links, logger);
  const webhooks = createWebhooksOnDemand(index, { clock, logger, onResult: tally.webhookTold });
  const stand = () =>
    keepLead({
      leadership: index.leadership,
      holder: holderOf(deps.owner, nameOfHost(config)),
      steadyClock: () => performance.now(),
      logger,
    });
  let hostLead = soleLead;
  let report: () => DiscoveryReport = () => ({ discoveries: [], warnings: [] });
  let storagesDown: () => Pick<CrawlMeasurements, 'storagesDown'> = () => ({});
  return {
    async serve(before) {
      // Commands need none of this code.
      const [{ startCrawlDaemon }, { startMaintenance }, { startHourly }] = await Promise.all([
        import('../crawl/daemon.js'),
        import('../crawl/schedule/maintenance.js'),
        import('../crawl/schedule/hourly.js'),
      ]);
      logger.info({ exclude: exclusions }, 'left out of every list by crawl.exclude and crawl.excludeDefaults');
      const retain = (places: Parameters<Webdav['retain']>[0]) => {
        for (const each of [webdav, once]) each.retain(places);
      };
      hostLead = await stand();
      // Before the crawl, which may find users who are newer than a webhook.
      await webhooks.follow(config);
      const daemon = await serveCrawl(config, before, {
        start: startCrawlDaemon,
        crawl: { ...deps, hostLead, ...webhooks.heard(deps) },
        withLinks: linked.read,
        retain,
        logger,
      });
      report = daemon.discoveries;
      storagesDown = () => ({ storagesDown: daemon.storagesDown() });
      const { maintenance: maintenancePlan, crawl } = config;
      const { timeZone } = crawl;
      const maintenance = startMaintenance({
        plan: maintenancePlan,
        timeZone,
        indexMaintenance: index.maintenance,
        departures: {
          list: index.departed,
          forget: index.forget,
          forgetRest: index.forgetRest,
          note: noteForgotten(config, index, logger),
        },
        lead: hostLead,
        clock,
        logger,
      });
      const stopHourly = startHourly({ history: index.history, lead: hostLead, clock, logger });
      return {
        ...daemon,
        async update(next) {
          await daemon.update(next);
          await webhooks.follow(next);
        },
        async stop() {
          await Promise.all([maintenance.stop(), stopHourly(), daemon.stop()]);
        },
      };
    },
    async syncNow(options) {
      hostLead = await stand();
      return await syncNow({ ...deps, hostLead, spaces: await linked.read(config) }, options);
    },
    check: index.probe,
    forget: index.forget,
    tokens: index.tokens,
    links: index.links,
    audit: index.audit,
    catalogue: index.catalogue,
    async measure() {
      const [totals, messages] = await Promise.all([
        unlessAway(async () => ({ totals: await index.totals(clock(), intervalMs) })),
        unlessAway(webhooks.measure),
      ]);
      const here = { ...countDiscoveries(report()), ...storagesDown(), ...linked.counts() };
      return { counts: tally.read(), ...totals, ...here, ...messages };
    },
    async stop() {
      await hostLead.stop();
      await Promise.all([webdav.close(), once.close(), webhooks.stop(), places?.stop()]);
      await index.close();
    },
  };
}

/** Records an automatic deletion in the audit log: nobody asked for it just then, but somebody configured it. */
function noteForgotten(config: Config, { clock, audit: log }: Index, logger: Logger) {
  const keep = keepAudit(config, log);
  const audit = createAudit(config.data.directory, { clock, log: logger.child({}, { level: 'info' }), keep });
  return (details: ForgottenUser) =>
    audit({ act: 'forget', by: 'maintenance.forgetAfter', from: 'daemon', details: { ...details }, outcome: 'done' });
}

function countDiscoveries({ discoveries, warnings }: DiscoveryReport): Pick<CrawlMeasurements, 'discoveries'> {
  if (discoveries.length === 0) return {};
  const failed = discoveries.filter(({ trouble }) => trouble !== null).length;
  return { discoveries: { listed: discoveries.length - failed, failed, warnings: warnings.length } };
}

async function compose(config: Config, { logger, clock: hostClock, tally, sleep }: Required<CrawlerOverrides>) {
  const index = await openIndex(config, { clock: hostClock });
  const { clock } = index;
  const owner = randomUUID();
  const places = await sharePlaces(index, { kind: 'crawl', owner });
  const asking = { onRequest: tally.requestEnded, places };
  const webdav = createStorage(config, clock, { ...asking, keepsCookies: true });
  const once = createStorage(config, clock, { ...asking, retries: false, isProbing: true });
  const exclusions = exclusionsOf(config.crawl);
  const deps: CrawlDeps = {
    spaces: config.spaces,
    discoveries: config.discoveries,
    fillCredentials: fillBy(
      keepingLastGood(ofFile, (user, problem) => logger.warn({ user, problem }, KEPT_CREDENTIALS)),
    ),
    limits: config.crawl,
    isExcluded: compileExclusions(exclusions),
    rules: JSON.stringify([IMAGE_RULE, exclusions]),
    storage: webdav,
    probing: once,
    isInMaintenance: once.isInMaintenance,
    listenToOthers: await shareOutages(index, owner),
    describe: describing(config, index, webdav),
    catalogue: index.catalogue,
    index: index.images,
    registry: index.spaces,
    log: index.syncs,
    tally,
    owner,
    clock,
    sleep,
    logger,
  };
  return { index, webdav, once, places, deps };
}

/** Returns what reads images, by the storage that the crawl asks, so that it waits behind its listings; null if nothing does. */
function describing(
  { describe }: Config,
  { descriptions, readingTurns }: Pick<Index, 'descriptions' | 'readingTurns'>,
  { open }: Pick<Webdav, 'open'>,
) {
  return describe.enabled ? { limits: describe, descriptions, turns: readingTurns, readImage, open } : null;
}

type OfUser = (...of: Parameters<FillCredentials>) => Promise<UserCredentials>;

const KEPT_CREDENTIALS = 'credentials that can no longer be read: those of before are used until a restart';

const ofFile: OfUser = (template, user) => credentialsOfUser(template, user, readSecretFile);

function fillBy(of: OfUser): FillCredentials {
  return async (template, user) => {
    const filled = await of(template, user);
    if ('auth' in filled) return filled.auth;
    return { problem: filled.file === null ? filled.problem : `${filled.file}: ${filled.problem}` };
  };
}

/** Fills in the credentials of a user from that user's file, as it is now. */
export const fillFromFiles = fillBy(ofFile);

/** The storages of a configuration's spaces; `overrides` are for callers that don't ask like a crawl. */
export function createStorage(
  { crawl }: Config,
  clock: Clock,
  overrides: Partial<WebdavOptions> = {},
  kind: 'crawl' | 'log-in' = 'crawl',
): Pick<Storage, 'childUrl'> & Webdav {
  const webdav = createWebdav({
    timeouts: crawl.timeouts,
    requestsPerHost: requestsAtOnce(crawl.requestsPerHost, kind, false),
    requestsPerNextcloud: requestsAtOnce(crawl.requestsPerHost, kind, true),
    exclude: compileExclusions(exclusionsOf(crawl)),
    readSecret: readSecretFile,
    clock,
    steadyClock: () => performance.now(),
    random: Math.random,
    userAgent: `ovadex/${VERSION}`,
    ...overrides,
  });
  return {
    open: (place) => webdav.open(place),
    lacksPlaces: (url) => webdav.lacksPlaces(url),
    describe: (place, signal) => webdav.describe(place, signal),
    isInMaintenance: (place, signal) => webdav.isInMaintenance(place, signal),
    retain: (places) => webdav.retain(places),
    // The spelling that existing indexes contain: they would take another one for another space.
    childUrl: (url, name) => `${url}${wholeEncoded(hrefFromPath(name as ResourcePath))}/`,
    close: () => webdav.close(),
  };
}

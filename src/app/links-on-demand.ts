import type { Logger } from 'pino';
import { linkKeyPlace, loadLinkKeys } from '../auth/link-keys.js';
import type { Config } from '../config/schema.js';
import { OvadexError } from '../domain/model/errors.js';
import type { LinkRecord } from '../domain/model/link.js';
import type { Links } from '../domain/ports/links.js';
import type { HttpDeps } from '../http/app.js';
import { createAudit } from '../platform/log/audit.js';
import { sleepInRealTime } from '../webdav/transport/sleep.js';
import { onDemand } from './demand/on-demand.js';
import { keepAudit } from './settings/host-name.js';
import type { StandingCrawler } from './standing-crawler.js';

/** Links that take no code and no connection before they are used. */
export interface LinksOnDemand extends Links {
  /** Makes sure that there is a key, if anything may be linked, and notices what commands change about links. */
  watch(): Promise<void>;
  stop(): Promise<void>;
}

/** Whose spaces links are. */
export type LinkedCrawl = Pick<StandingCrawler, 'config' | 'configured' | 'index' | 'relink'>;

/** An administrator who removes a link can wait for this, and reading a thousand links takes a few milliseconds. */
const LOOK_EVERY_MS = 60_000;

/**
 * Sets up the links of a daemon. Which storages may be linked is settled at its start, since that is when the API
 * learns whether it offers links.
 */
export function createLinksOnDemand(
  config: Config,
  { crawler, logger }: { readonly crawler: LinkedCrawl; readonly logger: Logger },
): LinksOnDemand {
  const { directory } = config.data;
  const isOffered = config.link.origins.length > 0;
  let timer: NodeJS.Timeout | undefined;
  let known = '';

  const note = async () => {
    known = printOf(await crawler.index().links.list());
  };
  const { get, ifMade } = onDemand(async () => {
    const [{ createLinks }, { LINK_AGENT }, { createNextcloudClient }] = await Promise.all([
      import('./links.js'),
      import('./link-keeping.js'),
      import('../webdav/nextcloud-client.js'),
    ]);
    const client = createNextcloudClient({ userAgent: LINK_AGENT });
    const links = createLinks({
      config: crawler.config,
      configured: crawler.configured,
      client,
      links: {
        put: (record) => crawler.index().links.put(record),
        find: (user) => crawler.index().links.find(user),
        list: () => crawler.index().links.list(),
        remove: (user) => crawler.index().links.remove(user),
      },
      catalogue: { space: (user) => crawler.index().catalogue.space(user) },
      async onChange() {
        await crawler.relink();
        await note();
      },
      audit: createAudit(directory, {
        clock: Date.now,
        log: logger.child({}, { level: 'info' }),
        // Of the crawler of just then, as all that is stored.
        keep: async (entry) => await keepAudit(config, crawler.index().audit)?.(entry),
      }),
      clock: Date.now,
      sleep: sleepInRealTime,
      logger,
    });
    return { ...links, close: () => client.close() };
  });
  const opened = async () => {
    if (!isOffered) throw new OvadexError('internal', 'no storage may be linked');
    return await get();
  };

  const look = async () => {
    const now = printOf(await crawler.index().links.list());
    if (now === known) return;
    await crawler.relink();
    known = now;
  };

  return {
    startLink: async (wanted) => await (await opened()).startLink(wanted),
    keepPassword: async (account) => await (await opened()).keepPassword(account),
    linkStanding: async (user) => await (await opened()).linkStanding(user),
    endLink: async (user) => await (await opened()).endLink(user),
    async watch() {
      if (!isOffered) return;
      await loadLinkKeys(linkKeyPlace(directory, config.link.keyFile));
      await note();
      timer = setInterval(() => {
        look().catch((error: unknown) => logger.warn({ err: error }, 'changes of links could not be taken over'));
      }, LOOK_EVERY_MS);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      const links = await ifMade();
      await links?.stop();
      await links?.close();
    },
  };
}

/** Differs if any link does. */
function printOf(links: readonly LinkRecord[]): string {
  return JSON.stringify(links.map(({ user, server, linkedAt, keyId }) => [user, server, linkedAt, keyId]));
}

/** Returns what the API offers of links by this configuration. */
export function linksOf({ link, auth }: Config, links: Links): Pick<HttpDeps, 'links' | 'keepPassword'> {
  if (link.origins.length === 0) return { links: null, keepPassword: null };
  return { links, keepPassword: auth.keepAppPasswords ? links.keepPassword : null };
}

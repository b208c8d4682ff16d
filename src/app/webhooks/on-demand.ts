import type { Logger } from 'pino';
import type { Config } from '../../config/schema.js';
import type { CrawlDeps } from '../../crawl/sync-run.js';
import type { CrawlMeasurements, DeliveryResult } from '../../domain/model/measurements.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Changes } from '../../domain/ports/image-catalogue.js';
import type { ImageIndex } from '../../domain/ports/image-index.js';
import type { SyncLog } from '../../domain/ports/sync-log.js';
import type { WebhookStore } from '../../domain/ports/webhook-store.js';
import type { Webhooks } from './webhooks.js';

/** Webhooks that take no code and no query before there are any. */
export interface WebhooksOnDemand {
  /** Continues with the webhooks of another configuration. */
  follow(config: Pick<Config, 'webhooks' | 'data'>): Promise<void>;
  /** Returns what a crawl writes through, so that its commits and the ends of its syncs are noticed. */
  heard(crawl: CrawlDeps): Pick<CrawlDeps, 'index' | 'log' | 'describe'>;
  measure(): Promise<Pick<CrawlMeasurements, 'webhooks'>>;
  stop(): Promise<void>;
}

/** Sets up the webhooks of a crawler; nothing is told before `follow`. */
export function createWebhooksOnDemand(
  index: { readonly webhooks: WebhookStore; readonly changes: Changes },
  {
    clock,
    logger,
    onResult,
  }: { clock: Clock; logger: Logger; onResult?: (name: string, result: DeliveryResult) => void },
): WebhooksOnDemand {
  let webhooks: Webhooks | null = null;
  let followed: Config['webhooks'] = [];
  const then = <T>(spaceId: number, done: T): T => {
    webhooks?.wake(spaceId);
    return done;
  };
  return {
    async follow({ webhooks: hooks, data }) {
      if (webhooks === null && hooks.length === 0) return;
      if (webhooks === null) {
        const { startWebhooks } = await import('./webhooks.js');
        const store = index.webhooks;
        webhooks = startWebhooks(data.directory, {
          store,
          stamp: index.changes.current,
          ...(onResult === undefined ? {} : { onResult }),
          clock,
          logger,
        });
      }
      await webhooks.follow(hooks);
      followed = hooks;
    },
    heard({ index: images, log, describe = null }) {
      const commit: ImageIndex['commit'] = async (lease, commits) =>
        then(lease.spaceId, await images.commit(lease, commits));
      const show: ImageIndex['show'] = async (lease, found, unsettled) =>
        then(lease.spaceId, await images.show(lease, found, unsettled));
      const rename: ImageIndex['rename'] = async (lease, from, to) =>
        then(lease.spaceId, await images.rename(lease, from, to));
      const finish: SyncLog['finish'] = async (lease, outcome) => then(lease.spaceId, await log.finish(lease, outcome));
      return {
        index: { ...images, commit, show, rename },
        log: { ...log, finish },
        describe: describe && {
          ...describe,
          descriptions: {
            ...describe.descriptions,
            store: async (spaceId, ...reading) => then(spaceId, await describe.descriptions.store(spaceId, ...reading)),
          },
        },
      };
    },
    measure: async () => (followed.length === 0 ? {} : { webhooks: await index.webhooks.totals(followed) }),
    async stop() {
      await webhooks?.stop();
    },
  };
}

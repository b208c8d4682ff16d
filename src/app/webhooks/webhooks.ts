import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../domain/ports/clock.js';
import { openHighWater } from '../../platform/high-water.js';
import { type DeliveryDeps, startDeliveries } from '../../webhooks/deliveries.js';
import { createWebhookSender } from './sender.js';

/** Beside the index: what it has told survives when it is put back. */
const FILE = 'webhooks.told';

/** The delivery of a crawler's webhooks. */
export interface Webhooks {
  follow(hooks: Config['webhooks']): Promise<void>;
  wake(spaceId: number): void;
  stop(): Promise<void>;
}

/** Starts to deliver to a configuration's webhooks; `follow` says to which. */
export function startWebhooks(
  directory: string,
  deps: Pick<DeliveryDeps, 'store' | 'stamp' | 'onResult'> & { readonly clock: Clock; readonly logger: Logger },
): Webhooks {
  const sender = createWebhookSender({ clock: deps.clock });
  const begun = openHighWater(join(directory, FILE));
  const deliveries = startDeliveries({
    ...deps,
    send: sender.send,
    targetOf: ({ url }) => createHash('sha256').update(url).digest('hex'),
    newId: () => `msg_${randomUUID()}`,
    begun,
    random: Math.random,
  });
  return {
    async follow(hooks) {
      sender.retain(hooks);
      await deliveries.follow(hooks);
    },
    wake: deliveries.wake,
    async stop() {
      await deliveries.stop();
      await sender.close();
      begun.close();
    },
  };
}

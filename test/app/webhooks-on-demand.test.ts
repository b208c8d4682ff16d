import { expect, it, vi } from 'vitest';
import { createWebhooksOnDemand } from '../../src/app/webhooks/on-demand.js';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks/webhook.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';

const loaded = vi.hoisted(() => vi.fn());
vi.mock('../../src/app/webhooks/webhooks.js', () => {
  loaded();
  return {
    startWebhooks: () => ({ follow: async () => undefined, wake: () => undefined, stop: async () => undefined }),
  };
});

it('loads no code and reads nothing before there are webhooks', async () => {
  const memory = createMemoryIndex(() => 0);
  const stored = vi.fn(() => memory.webhooks);
  const index = {
    changes: memory.changes,
    get webhooks() {
      return stored();
    },
  };
  const webhooks = createWebhooksOnDemand(index, { clock: () => 0, logger: quietLogger });
  const data = { directory: '/nowhere' } as Parameters<typeof webhooks.follow>[0]['data'];
  await webhooks.follow({ webhooks: [], data });
  expect(await webhooks.measure()).toEqual({});
  await webhooks.stop();
  expect([loaded.mock.calls.length, stored.mock.calls.length]).toEqual([0, 0]);
  const hook = { name: 'deployer', url: 'https://hook.test/', secret: new Uint8Array(24), users: null };
  await webhooks.follow({ webhooks: [{ ...hook, events: WEBHOOK_EVENTS, allowPrivate: false }], data });
  expect([loaded.mock.calls.length, stored.mock.calls.length]).toEqual([1, 1]);
});

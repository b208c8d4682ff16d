import { afterEach, beforeEach, expect, it } from 'vitest';
import { afterFailure, UNTRIED } from '../../src/domain/webhooks/retry.js';
import { SENT_FOR_MS } from '../../src/domain/webhooks/sending.js';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks/webhook.js';
import { createWebhookStore } from '../../src/postgres/webhooks/webhook-store.js';
import { configure, listing, spaceOf, syncOnce } from '../contract/index-under-test.js';
import { makePgliteIndex } from './pglite-index.js';

const HOOK = { name: 'deployer', users: null, events: WEBHOOK_EVENTS, target: 'a' };

let index: Awaited<ReturnType<typeof makePgliteIndex>>;
let space: number;
/** The stores of two crawlers. */
let crawlers: readonly ReturnType<typeof createWebhookStore>[];

beforeEach(async () => {
  index = await makePgliteIndex();
  crawlers = [createWebhookStore(index.db), createWebhookStore(index.db)];
  await configure(index, 'jm');
  await storeOf(0).follow([HOOK]);
  await syncOnce(index, 'jm', listing('', ['a.ova']));
  space = (await spaceOf(index, 'jm')).id;
});
afterEach(() => index.close());

function storeOf(crawler: number): ReturnType<typeof createWebhookStore> {
  const store = crawlers[crawler];
  if (store === undefined) throw new Error(`there is no crawler ${crawler}`);
  return store;
}

let ids = 0;
const begin = async (crawler: number) => {
  ids += 1;
  const task = await storeOf(crawler).next(HOOK, space, index.clock.now, `m${ids}`);
  return task.kind === 'send' ? { id: task.pending.id, told: task.rows.map(({ image }) => image.path) } : task.kind;
};
const idOf = (begun: Awaited<ReturnType<typeof begin>>) => (typeof begun === 'string' ? begun : begun.id);

it('a message that one crawler sends is left to it, and the next one is whoever comes first', async () => {
  const first = await begin(0);
  expect(first).toMatchObject({ told: ['a.ova'] });
  expect(await begin(1)).toBe('idle');
  expect(await begin(0)).toEqual(first);
  await storeOf(0).taken(HOOK.name, space, idOf(first));
  await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
  expect(await begin(1)).toMatchObject({ told: ['b.ova'] });
  expect(await begin(0)).toBe('idle');
});

it('what a crawler does not come back from is sent by another one, which is told when to look', async () => {
  const first = await begin(0);
  expect((await storeOf(1).due(HOOK, index.clock.now, 0)).nextAt).toBe(index.clock.now + SENT_FOR_MS);
  index.clock.now += SENT_FOR_MS;
  expect(await begin(1)).toEqual(first);
  expect(await begin(0)).toBe('idle');
});

it('what a crawler could not deliver is sent again by whoever comes first', async () => {
  const first = await begin(0);
  const failed = { kind: 'answered', status: 500, retryAfterMs: null } as const;
  const tries = afterFailure(UNTRIED, failed, index.clock.now, 0);
  await storeOf(0).failed(HOOK.name, space, idOf(first), tries);
  expect(await begin(1)).toBe('idle');
  index.clock.now = tries.nextAt ?? 0;
  expect(await begin(1)).toEqual(first);
});

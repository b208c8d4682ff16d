import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OvadexError } from '../../src/domain/model/errors.js';
import type { Delivery } from '../../src/domain/webhooks/retry.js';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks/webhook.js';
import { type SendMessage, startDeliveries } from '../../src/webhooks/deliveries.js';
import { begin, commit, configure, end, listing, spaceOf } from '../contract/index-under-test.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';

const HOOK = {
  ...{ name: 'deployer', url: 'https://hook.test/', secret: new Uint8Array(24), users: null },
  ...{ events: WEBHOOK_EVENTS, allowPrivate: false },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => vi.useRealTimers());

/** Deliveries of a space in which an image was found, which only `wake` tells: the stamp stays as it is. */
async function deliveriesScene(send: SendMessage, logger = quietLogger, stamp = () => 1) {
  const ports = createMemoryIndex(() => Date.now());
  const index = { ...ports, clock: { now: Date.now() }, close: async () => undefined };
  const next = vi.fn(ports.webhooks.next);
  const due = vi.fn(ports.webhooks.due);
  const deliveries = startDeliveries({
    ...{ store: { ...ports.webhooks, next, due }, send, stamp, targetOf: () => 'a' },
    ...{ newId: () => `m${next.mock.calls.length}`, begun: { read: () => 0, note: () => undefined } },
    ...{ clock: Date.now, random: () => 0, logger },
  });
  await deliveries.follow([HOOK]);
  await configure(index, 'jm');
  const { lease } = await begin(index, 'jm');
  await commit(index, lease, listing('', ['a.ova']));
  await end(index, lease);
  const { id } = await spaceOf(index, 'jm');
  return { deliveries, next, due, wake: () => deliveries.wake(id) };
}

const NO: Delivery = { kind: 'answered', status: 500, retryAfterMs: null };

it('tries the same message again when it is due, and not before', async () => {
  const ids: string[] = [];
  const { deliveries, wake } = await deliveriesScene(async (_hook, { headers }) => {
    ids.push(headers['webhook-id']);
    return ids.length === 1 ? NO : { ...NO, status: 204 };
  });
  wake();
  await vi.advanceTimersByTimeAsync(100);
  expect(ids).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(4_800);
  expect(ids).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ids).toEqual([ids[0], ids[0]]);
  await deliveries.stop();
});

it('looks again after a busy index, though nobody has written', async () => {
  const send = vi.fn(async (): Promise<Delivery> => ({ ...NO, status: 204 }));
  const { deliveries, next, wake } = await deliveriesScene(send);
  next.mockRejectedValueOnce(new OvadexError('index', 'busy'));
  wake();
  await vi.advanceTimersByTimeAsync(100);
  expect([next.mock.calls.length, send.mock.calls.length]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send).toHaveBeenCalledTimes(1);
  await deliveries.stop();
});

it('logs once that it can not look for news, and once that it can again', async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  let written = 0;
  const { deliveries, due } = await deliveriesScene(
    async () => ({ ...NO, status: 204 }),
    logger,
    () => written++,
  );
  await vi.advanceTimersByTimeAsync(5_000);
  due.mockRejectedValueOnce(new OvadexError('index', 'away')).mockRejectedValueOnce(new OvadexError('index', 'away'));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(lines).toEqual([
    'could not look for what webhooks are to be told; trying again',
    'looking for what webhooks are to be told works again',
  ]);
  await deliveries.stop();
});

it('ends what is being sent at a stop, and leaves no timer', async () => {
  const send = vi.fn<SendMessage>(
    (_hook, _message, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const { deliveries, wake } = await deliveriesScene(send);
  wake();
  await vi.advanceTimersByTimeAsync(100);
  expect(send).toHaveBeenCalledTimes(1);
  await deliveries.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('spends no more than a twentieth of the time on looks for what is tried again', async () => {
  const { deliveries, due } = await deliveriesScene(async () => ({ ...NO, status: 204 }));
  const before = due.mock.calls.length;
  // As with very many spaces, of which one is due at every moment.
  due.mockImplementation(async () => {
    vi.setSystemTime(Date.now() + 1_000);
    return { spaces: [], nextAt: Date.now() + 1 };
  });
  await deliveries.follow([HOOK]);
  await vi.advanceTimersByTimeAsync(100_000);
  const looks = due.mock.calls.length - before;
  expect(looks).toBeGreaterThan(2);
  expect(looks).toBeLessThanOrEqual(6);
  await deliveries.stop();
});

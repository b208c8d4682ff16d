import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookSender, type WebhookSender } from '../../src/app/webhooks/sender.js';
import { WEBHOOK_EVENTS, type WebhookSettings } from '../../src/domain/webhooks/webhook.js';
import { startReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.js';

const KEY = Buffer.from('a secret of twenty-four bytes');
const BODY = JSON.stringify({ type: 'webhook.test', data: {} });

describe('a message to a webhook', () => {
  let receiver: WebhookReceiver;
  let sender: WebhookSender;
  beforeEach(async () => {
    receiver = await startReceiver(KEY);
    sender = createWebhookSender();
  });
  afterEach(async () => {
    await sender.close();
    await receiver.close();
  });

  const hook = (its: Partial<WebhookSettings> = {}): WebhookSettings => ({
    name: 'deployer',
    url: receiver.url,
    secret: KEY,
    users: null,
    events: WEBHOOK_EVENTS,
    allowPrivate: false,
    ...its,
  });
  const post = (its: Partial<WebhookSettings> = {}) => sender.test(hook(its), 'msg_1', Date.now(), BODY);

  it('is signed, and has the headers that are configured', async () => {
    const connection = { headers: { 'X-Key': 'abc', 'User-Agent': 'mine' }, tls: null, proxy: null };
    expect(await post({ connection })).toEqual({ kind: 'answered', status: 204, retryAfterMs: null });
    const [message] = receiver.messages;
    expect(message).toMatchObject({ id: 'msg_1', isSigned: true });
    expect(message?.headers).toMatchObject({ 'x-key': 'abc', 'user-agent': 'mine' });
  });

  it('follows no redirect, and heeds how long it is to wait', async () => {
    receiver.answers.push({ status: 307, headers: { Location: '/other', 'Retry-After': '7200' } });
    expect(await post()).toEqual({ kind: 'answered', status: 307, retryAfterMs: 7_200_000 });
    expect(receiver.messages).toHaveLength(1);
  });

  it('is none where somebody only asks whether the receiver is there', async () => {
    const probe = (its: Partial<WebhookSettings> = {}) => sender.probe(hook(its), new AbortController().signal);
    expect(await probe()).toEqual({ kind: 'answered', status: 405 });
    expect(receiver.messages).toEqual([]);
    const inside = expect.stringContaining('is in a private network') as string;
    expect(await probe({ url: 'https://10.0.0.1/' })).toEqual({ kind: 'private', detail: inside });
    expect(await probe({ url: receiver.url.replace('http:', 'https:') })).toMatchObject({ kind: 'tls' });
    await receiver.close();
    expect(await probe()).toMatchObject({ kind: 'unreachable' });
    receiver = await startReceiver(KEY);
  });

  it('is not sent to a name that leads nowhere or inside, which is told apart', async () => {
    const look = async (found: { code: string } | string) => {
      const asking = createWebhookSender({
        resolve: (_name, _options, callback) =>
          typeof found === 'string'
            ? callback(null, [{ address: found, family: 4 }])
            : callback(Object.assign(new Error('getaddrinfo'), found), []),
      });
      const answer = await asking.probe(hook({ url: 'https://hook.test/' }), new AbortController().signal);
      await asking.close();
      return answer.kind;
    };
    expect(await look({ code: 'ENOTFOUND' })).toBe('unresolved');
    expect(await look('192.168.0.7')).toBe('private');
  });

  it('reads no more than some of an answer', async () => {
    receiver.answers.push((response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(await post()).toMatchObject({ status: 200 });
  });

  it.each([
    'https://10.0.0.1/',
    'https://169.254.169.254/latest',
    'https://[::ffff:192.168.0.1]/',
    'https://0x0a000001/',
  ])('is not sent to %s', async (url) => {
    expect(await post({ url })).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/is in a private network; "allowPrivate: true" of this webhook allows that/),
    });
  });

  it.each([
    [
      'is not sent to a name that leads into a private network',
      false,
      ['10.0.0.7'],
      /^hook\.test is 10\.0\.0\.7, which is in a/,
    ],
    [
      'not even if that is one of several',
      false,
      ['8.8.8.8', '::1'],
      /^hook\.test is ::1, which is in a private network/,
    ],
    // The connection is made, and the receiver speaks no TLS.
    ['unless that is allowed', true, ['127.0.0.1'], /TLS|SSL|EPROTO/],
  ])('%s', async (_name, allowPrivate, addresses, reason) => {
    const asked: string[] = [];
    const resolving = createWebhookSender({
      resolve(hostname, _options, callback) {
        asked.push(hostname);
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        callback(null, found);
      },
    });
    const to = hook({ url: `https://hook.test:${receiver.port}/`, allowPrivate });
    const delivery = await resolving.test(to, 'msg_1', Date.now(), BODY);
    expect(delivery).toEqual({ kind: 'failed', reason: expect.stringMatching(reason) });
    expect(asked).toEqual(['hook.test']);
    await resolving.close();
  });

  it('is sent to what the name of this machine leads to', async () => {
    expect(await post({ url: `http://localhost:${receiver.port}/hook` })).toMatchObject({ status: 204 });
  });

  it('is ended when the daemon stops', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stopping = new AbortController();
    server.on('request', () => stopping.abort(new Error('the daemon stops')));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,' };
    const sent = sender.send(hook({ url }), { headers, body: BODY }, stopping.signal);
    await expect(sent).rejects.toThrow('the daemon stops');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says why it could not be sent, without its secret', async () => {
    await receiver.close();
    const { reason } = (await post()) as { reason: string };
    expect(reason).toContain('ECONNREFUSED');
    expect(reason).not.toContain(KEY.toString());
    receiver = await startReceiver(KEY);
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { createWebhookSender } from '../../../src/app/webhooks/sender.js';
import { auditCommand } from '../../../src/cli/options/command-audit.js';
import { listWebhooks, retryWebhook, testWebhook } from '../../../src/cli/webhooks/webhook.js';
import { loadConfig } from '../../../src/config/load.js';
import { afterFailure, UNTRIED } from '../../../src/domain/webhooks/retry.js';
import { configFolder } from '../../config/config-folder.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { startReceiver } from '../../support/servers/webhook-receiver.js';
import { captureIo } from '../captured-io.js';

const SECRET = 'a secret of twenty-four bytes';
const NOW = Date.UTC(2026, 10, 27);

/** A webhook that knows everything of two spaces. */
async function scene() {
  const receiver = await startReceiver(Buffer.from(SECRET));
  onTestFinished(() => receiver.close());
  const settings = {
    data: { directory: 'data' },
    webhooks: [{ name: 'deployer', url: receiver.url, secret: SECRET }],
  };
  const folder = await configFolder({ 'ovadex.yaml': JSON.stringify(settings) });
  const file = join(folder, 'ovadex.yaml');
  const config = await loadConfig(file);
  layEmptyIndex(config.data.directory);
  const index = await openIndex(config, { clock: () => NOW });
  const [hook] = config.webhooks;
  if (hook === undefined) throw new Error('no webhook');
  const urls = ['jm', 'kim'].map((user) => ({ user, url: `http://dav.test/${user}/` }));
  const spaces = await index.spaces.configure(urls, 'rules', NOW);
  await index.webhooks.follow([{ ...hook, target: 'a' }]);
  const jm = spaces.find(({ user }) => user === 'jm');
  await index.close();
  const io = captureIo();
  const deps = { open: openIndex, audit: auditCommand, clock: () => NOW };
  return {
    receiver,
    io,
    config,
    spaceId: jm?.id ?? 0,
    list: (json = false) => listWebhooks({ config: file, json }, io, deps),
    retry: (name: string, user?: string) =>
      retryWebhook({ config: file, name, ...(user === undefined ? {} : { user }) }, io, deps),
    test: (name: string) =>
      testWebhook({ config: file, name }, io, { makeSender: createWebhookSender, clock: () => NOW }),
    audit: async () => JSON.parse((await readFile(join(folder, 'data', 'audit.log'), 'utf8')).trim()) as object,
  };
}

/** Gives up what would be told next of a space. */
async function giveUp({ config, spaceId }: Awaited<ReturnType<typeof scene>>) {
  const index = await openIndex(config);
  const [hook] = config.webhooks;
  if (hook === undefined) throw new Error('no webhook');
  await index.webhooks.hasBegun(1); // so that there is something to tell
  await index.webhooks.next(hook, spaceId, NOW, 'msg_1');
  const gone = { kind: 'answered', status: 410, retryAfterMs: null } as const;
  await index.webhooks.failed(hook.name, spaceId, 'msg_1', afterFailure(UNTRIED, gone, NOW, 0));
  await index.close();
}

describe('ovadex webhook', () => {
  it('lists who is behind and why, and goes on', async () => {
    const its = await scene();
    await giveUp(its);
    expect(await its.list()).toBe(0);
    expect(its.io.out()).toMatch(/deployer +2 +2 +1 +2026-11-27.* +it answered 410/);
    expect(await its.retry('deployer', 'kim')).toBe(0);
    expect(its.io.err()).toContain('"deployer" waits for nothing of this user');
    expect(await its.retry('deployer')).toBe(0);
    expect(its.io.err()).toContain('told at once what it has missed of 1 space');
    await its.list(true);
    expect(its.io.out()).toContain('"state": "due"');
    expect(its.io.out()).not.toContain(SECRET);
  });

  it('notes who asked for a retry', async () => {
    const { retry, audit } = await scene();
    await retry('deployer');
    expect(await audit()).toMatchObject({ act: 'webhook retry', details: { name: 'deployer', user: null, spaces: 0 } });
  });

  it('sends a test message, and says what became of it', async () => {
    const { test, receiver, io } = await scene();
    receiver.answers.push(204, 403);
    expect(await test('deployer')).toBe(0);
    expect(receiver.messages).toMatchObject([{ type: 'webhook.test' }]);
    expect(await test('deployer')).toBe(69);
    expect(io.err()).toContain('"deployer" did not take the test message: it answered 403');
  });

  it('names those that there are', async () => {
    const { test } = await scene();
    await expect(test('other')).rejects.toThrow('there is no webhook "other"; configured: deployer');
  });
});

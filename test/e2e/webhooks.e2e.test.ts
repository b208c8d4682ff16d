import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { startReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.js';

const SECRET = 'a secret of the deployer, long enough';
const KEY = Buffer.from(SECRET);

describe('a webhook of a daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let receiver: WebhookReceiver;
  let daemon: ServerProcess | undefined;

  beforeEach(async () => {
    [dav, ovadex, receiver] = await Promise.all([startDavServer(), installOvadex(), startReceiver(KEY)]);
    dav.tree.put('jm/a.ova', { size: 1 });
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    ovadex.remove();
    await Promise.all([dav.close(), receiver.close()]);
  });

  const configure = (hook: object = {}) =>
    ovadex.configure({
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      describe: { enabled: false },
      webhooks: [{ name: 'deployer', url: receiver.url, secret: SECRET, ...hook }],
    });
  const told = (from = 0) =>
    receiver.messages.slice(from).map(({ type, data }) => [type, ...(data.images ?? []).map(({ path }) => path)]);

  it('is told what is new, changed and gone, signed', async () => {
    configure();
    daemon = await ovadex.serve();
    const [first] = await receiver.received(1);
    expect(first).toMatchObject({
      isSigned: true,
      path: '/hook',
      type: 'image.created',
      data: { user: 'jm', images: [{ path: 'a.ova', name: 'a.ova', size: 1 }] },
    });
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[\da-f-]{36}$/),
      'user-agent': expect.stringMatching(/^ovadex\//),
    });
    dav.tree.put('jm/b.ova', { size: 2 });
    dav.tree.remove('jm/a.ova');
    await ovadex.sync('jm', '--full');
    await receiver.received(3);
    expect(told()).toEqual(
      expect.arrayContaining([
        ['image.created', 'a.ova'],
        ['image.created', 'b.ova'],
        ['image.deleted', 'a.ova'],
      ]),
    );
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(3);
  });

  it('is told the same again until it takes it, and what came later after that', { timeout: 60_000 }, async () => {
    receiver.answers.push(500, { status: 302, headers: { Location: '/elsewhere' } });
    configure();
    daemon = await ovadex.serve();
    await receiver.received(1);
    dav.tree.put('jm/b.ova', { size: 2 });
    await ovadex.sync('jm', '--full');
    const [first, second] = await receiver.received(2);
    expect(second?.id).toBe(first?.id);
    expect(second?.body).toBe(first?.body);
    expect(receiver.messages.every(({ path }) => path === '/hook')).toBe(true);
  });

  it('goes on where it was after a restart, and takes in another configuration', async () => {
    configure();
    daemon = await ovadex.serve();
    await receiver.received(1);
    await daemon.stop();
    dav.tree.put('jm/b.ova', { size: 2 });
    await ovadex.sync('jm', '--full');
    daemon = await ovadex.serve();
    await receiver.received(2);
    expect(told(1)).toEqual([['image.created', 'b.ova']]);
    const other = await startReceiver(KEY);
    try {
      configure({ url: other.url });
      dav.tree.put('jm/c.ova', { size: 3 });
      await ovadex.sync('jm', '--full');
      const [message] = await other.received(1);
      expect(message?.data.images?.map(({ path }) => path)).toEqual(['c.ova']);
    } finally {
      await other.close();
    }
  });

  it('is told to list anew after a copy of the index was put back', async () => {
    configure();
    const file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    daemon = await ovadex.serve();
    await receiver.received(1);
    await daemon.stop();
    copyFileSync(file, `${file}.cold`);
    dav.tree.put('jm/b.ova', { size: 2 });
    daemon = await ovadex.serve();
    await ovadex.sync('jm', '--full');
    await receiver.received(2);
    await daemon.stop();
    for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix);
    renameSync(`${file}.cold`, file);
    daemon = await ovadex.serve();
    const messages = await receiver.received(3);
    expect(messages[2]).toMatchObject({ type: 'space.reset', data: { user: 'jm', reason: 'other-history' } });
  });

  it('is told that its space fails, and that it works again', async () => {
    configure({ events: ['image.created', 'space.failing', 'space.recovered'] });
    daemon = await ovadex.serve();
    // Its own first sync is over: one that came later would make the space good again before anybody is told.
    await receiver.received(1);
    dav.fault('jm', { status: 403, times: 1 });
    await ovadex.sync('jm');
    const [, failing] = await receiver.received(2);
    expect(failing).toMatchObject({ type: 'space.failing', data: { user: 'jm', state: 'failing' } });
    await ovadex.sync('jm');
    await receiver.received(3);
    expect(told(2)).toEqual([['space.recovered']]);
  });
});

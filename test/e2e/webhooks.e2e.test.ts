import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { startReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.js';
import { isThorough } from '../support/thorough.js';

const SECRET = 'a secret of the deployer, long enough';
const KEY = Buffer.from(SECRET);

/** An image that settles while a test runs would be a change, too. */
const SETTLED = { modifiedAt: Date.UTC(2026, 0, 1) };
/** Each test has a space and a receiver of its own. */
const USERS = ['new', 'again', 'failing', 'restart', 'copy'] as const;
type User = (typeof USERS)[number];

describe('a webhook of a daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let receivers: Readonly<Record<User, WebhookReceiver>>;
  let daemon: ServerProcess;

  beforeAll(async () => {
    [dav, ovadex] = await Promise.all([startDavServer(), installOvadex()]);
    const started = USERS.map(async (user) => [user, await startReceiver(KEY)] as const);
    receivers = Object.fromEntries(await Promise.all(started)) as Record<User, WebhookReceiver>;
    for (const user of USERS) dav.tree.put(`${user}/a.ova`, { size: 1, ...SETTLED });
    receivers.again.answers.push(500, { status: 302, headers: { Location: '/elsewhere' } });
    configure();
    daemon = await ovadex.serve();
  });
  afterAll(async () => {
    await daemon.stop();
    ovadex.remove();
    await Promise.all([dav.close(), ...Object.values(receivers).map((receiver) => receiver.close())]);
  });

  const configure = (urls: Partial<Readonly<Record<User, string>>> = {}) =>
    ovadex.configure({
      spaces: USERS.map((user) => ({ user, url: `${dav.url}${user}/` })),
      describe: { enabled: false },
      webhooks: USERS.map((user) => ({
        ...{ name: user, users: [user], url: urls[user] ?? receivers[user].url, secret: SECRET },
        ...(user === 'failing' && { events: ['image.created', 'space.failing', 'space.recovered'] }),
      })),
    });
  const told = ({ messages }: WebhookReceiver, from = 0) =>
    messages.slice(from).map(({ type, data }) => [type, ...(data.images ?? []).map(({ path }) => path)]);

  it('is told what is new, changed and gone, signed', async () => {
    const receiver = receivers.new;
    const [first] = await receiver.received(1);
    expect(first).toMatchObject({
      isSigned: true,
      path: '/hook',
      type: 'image.created',
      data: { user: 'new', images: [{ path: 'a.ova', name: 'a.ova', size: 1 }] },
    });
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[\da-f-]{36}$/),
      'user-agent': expect.stringMatching(/^ovadex\//),
    });
    dav.tree.put('new/b.ova', { size: 2 });
    dav.tree.remove('new/a.ova');
    await ovadex.sync('new', '--full');
    await receiver.received(3);
    expect(told(receiver)).toEqual(
      expect.arrayContaining([
        ['image.created', 'a.ova'],
        ['image.created', 'b.ova'],
        ['image.deleted', 'a.ova'],
      ]),
    );
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(3);
  });

  it('is told the same again until it takes it, and what came later after that', { timeout: 60_000 }, async () => {
    const receiver = receivers.again;
    await receiver.received(1);
    dav.tree.put('again/b.ova', { size: 2 });
    await ovadex.sync('again', '--full');
    const [first, second] = await receiver.received(2);
    expect(second?.id).toBe(first?.id);
    expect(second?.body).toBe(first?.body);
    expect(receiver.messages.every(({ path }) => path === '/hook')).toBe(true);
  });

  it('is told that its space fails, and that it works again', async () => {
    const receiver = receivers.failing;
    // Its own first sync is over: one that came later would make the space good again before anybody is told.
    await receiver.received(1);
    dav.fault('failing', { status: 403, times: 1 });
    await ovadex.sync('failing');
    const [, failing] = await receiver.received(2);
    expect(failing).toMatchObject({ type: 'space.failing', data: { user: 'failing', state: 'failing' } });
    await ovadex.sync('failing');
    await receiver.received(3);
    expect(told(receiver, 2)).toEqual([['space.recovered']]);
  });

  it('goes on where it was after a restart, and takes in another configuration', async () => {
    const receiver = receivers.restart;
    await receiver.received(1);
    await daemon.stop();
    dav.tree.put('restart/b.ova', { size: 2 });
    await ovadex.sync('restart', '--full');
    daemon = await ovadex.serve();
    await receiver.received(2);
    expect(told(receiver, 1)).toEqual([['image.created', 'b.ova']]);
    const other = await startReceiver(KEY);
    try {
      configure({ restart: other.url });
      // It would notice by itself, but maybe after it has told the former receiver what comes next.
      const { token } = await ovadex.createToken('root', ['--scope', 'admin']);
      const headers = { Authorization: `Bearer ${token}` };
      expect((await checkedFetch(`${daemon.url}v2/admin/reload`, { method: 'POST', headers })).status).toBe(200);
      dav.tree.put('restart/c.ova', { size: 3 });
      await ovadex.sync('restart', '--full');
      const [message] = await other.received(1);
      expect(message?.data.images?.map(({ path }) => path)).toEqual(['c.ova']);
    } finally {
      await other.close();
    }
  });

  it.runIf(isThorough)('is told to list anew after a copy of the index was put back', async () => {
    const receiver = receivers.copy;
    const file = join(dirname(ovadex.configFile), 'data', 'ovadex.db');
    await receiver.received(1);
    await daemon.stop();
    copyFileSync(file, `${file}.cold`);
    dav.tree.put('copy/b.ova', { size: 2 });
    daemon = await ovadex.serve();
    await ovadex.sync('copy', '--full');
    await receiver.received(2);
    await daemon.stop();
    for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix);
    renameSync(`${file}.cold`, file);
    daemon = await ovadex.serve();
    const messages = await receiver.received(3);
    expect(messages[2]).toMatchObject({ type: 'space.reset', data: { user: 'copy', reason: 'other-history' } });
  });
});

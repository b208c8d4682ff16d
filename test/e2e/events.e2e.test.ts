import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { pathsOfEvents, readEvents } from '../support/events.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

/** An image that settles while a test runs would be a change, too. */
const SETTLED = { modifiedAt: Date.UTC(2026, 0, 1) };
/** Of the second nobody changes anything. */
const USERS = ['jm', 'lab'];

describe('whoever follows the events of a daemon', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    dav = await startDavServer();
    for (const user of USERS)
      for (const name of ['x.ova', 'y.ova']) dav.tree.put(`${user}/${name}`, { size: 1, ...SETTLED });
    ovadex = await installOvadex();
    ovadex.configure({
      spaces: USERS.map((user) => ({ user, url: `${dav.url}${user}/` })),
      describe: { enabled: false },
    });
    for (const user of USERS) {
      await ovadex.sync(user);
      tokens.set(user, (await ovadex.createToken(user)).token);
    }
    daemon = await ovadex.serve();
  });
  afterAll(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
  });

  const ask = (lastEventId: string | null = null, signal?: AbortSignal, user = 'jm') =>
    fetch(`${daemon.url}v2/image/events`, {
      headers: {
        Authorization: `Bearer ${tokens.get(user)}`,
        'Accept-Encoding': 'gzip, br',
        ...(lastEventId !== null && { 'Last-Event-ID': lastEventId }),
      },
      ...(signal && { signal }),
    });
  const upload = async (name: string) => {
    dav.tree.put(`jm/${name}`, { size: 1 });
    await ovadex.sync('jm', '--full');
  };

  it('may leave, which makes room for others', async () => {
    const leaving = new AbortController();
    const streams = await Promise.all(
      Array.from({ length: 20 }, async () => readEvents(await ask(null, leaving.signal))),
    );
    for (const stream of streams) await stream.take(2);
    const retry = async () => {
      const stream = readEvents(await ask());
      const first = await stream.next();
      await stream.leave();
      return first?.text;
    };
    expect(await retry()).toBe('retry: 15000');
    leaving.abort();
    await expect.poll(retry, { timeout: 20_000 }).toBe('retry: 2000');
  });

  it('is told of an upload, misses nothing while it is away, and goes on after a restart', async () => {
    const response = await ask();
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, null]);
    const events = readEvents(response);
    expect(pathsOfEvents(await events.take(2))).toEqual(['x.ova', 'y.ova']);
    await upload('z.ova');
    const told = await events.take(1);
    expect(pathsOfEvents(told)).toEqual(['z.ova']);
    await events.leave();
    dav.tree.remove('jm/x.ova');
    await upload('a.ova');
    const again = readEvents(await ask(told[0]?.id ?? null));
    const missed = await again.take(2);
    expect(pathsOfEvents(missed)).toEqual(['a.ova', '-x.ova']);
    await again.leave();
    await daemon.stop();
    await upload('b.ova');
    daemon = await ovadex.serve();
    const later = readEvents(await ask(missed[1]?.id ?? null));
    expect(pathsOfEvents(await later.take(1))).toEqual(['b.ova']);
    await later.leave();
  });

  it('is let go at once by a daemon that stops', async () => {
    const streams = await Promise.all(
      Array.from({ length: 5 }, async () => readEvents(await ask(null, undefined, 'lab'))),
    );
    for (const stream of streams) await stream.take(2);
    const stopped = daemon.stop();
    for (const stream of streams) expect(await stream.rest()).toEqual([]);
    await stopped;
  });
});

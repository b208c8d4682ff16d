import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { type ReceivedMessage, startReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.js';

const SECRET = 'a secret of the deployer, long enough';
const KILLS = 20;
/** A start, a sync of a few files and a kill, each of a second or two; a lease that a kill leaves behind lasts longer. */
const WITHIN_MS = 280_000;

describe('a daemon that is killed with messages to a webhook under way', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    [dav, ovadex, receiver] = await Promise.all([
      startDavServer(),
      installOvadex(),
      startReceiver(Buffer.from(SECRET)),
    ]);
    ovadex.configure({
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      describe: { enabled: false },
      crawl: { schedule: '* * * * * *' },
      webhooks: [{ name: 'deployer', url: receiver.url, secret: SECRET }],
    });
  });
  afterEach(async () => {
    ovadex.remove();
    await Promise.all([dav.close(), receiver.close()]);
  });

  const serve = () => {
    const child = spawn(process.execPath, ovadex.argv('serve'), { stdio: ['ignore', 'pipe', 'pipe'] });
    overhear(child);
    return { child, ended: once(child, 'exit') };
  };

  it('loses nothing, tells it in order, and repeats only what was not confirmed', { timeout: WITHIN_MS }, async () => {
    const copy = new Map<number, string>();
    const told = new Map<string, ReceivedMessage>();
    let repeats = 0;
    let changed = () => {};
    let dies = () => {};
    const take = (message: ReceivedMessage) => {
      expect(message.isSigned).toBe(true);
      const first = told.get(message.id);
      if (first !== undefined) {
        repeats += 1;
        const before = new Set(first.data.images?.map(({ id }) => id));
        expect(message.data.images?.every(({ id }) => before.has(id))).toBe(true);
        return;
      }
      told.set(message.id, message);
      for (const { id, path } of message.data.images ?? []) {
        if (message.type === 'image.deleted') copy.delete(id);
        else copy.set(id, path);
        // Whoever hears of an image for the first time hears that it is new.
        expect(message.type === 'image.created').toBe(!known.has(id) && message.type !== 'image.deleted');
        known.add(id);
      }
    };
    const known = new Set<number>();
    receiver.onMessage = (message) => {
      take(message);
      changed();
      dies();
    };

    for (let life = 0; life < KILLS; life++) {
      dav.tree.put(`jm/new-${life}.ova`, { size: life + 1 });
      dav.tree.put(`jm/again.ova`, { size: life + 1 });
      if (life % 3 === 2) dav.tree.remove(`jm/new-${life - 1}.ova`);
      const { child, ended } = serve();
      // Every other time before the answer, and else just after it.
      dies = () => {
        if (life % 2 === 0) child.kill('SIGKILL');
        else setImmediate(() => child.kill('SIGKILL'));
      };
      await ended;
      dies = () => {};
    }

    dav.tree.put('jm/last.ova', { size: 1 });
    const truth = [...Array(KILLS).keys()].filter((n) => n % 3 !== 1 || n + 1 >= KILLS).map((n) => `new-${n}.ova`);
    const wanted = [...truth, 'again.ova', 'last.ova'].sort();
    const { child, ended } = serve();
    await new Promise<void>((resolve) => {
      changed = () => {
        if ([...copy.values()].sort().join() === wanted.join()) resolve();
      };
      changed();
    });
    child.kill('SIGTERM');
    await ended;
    expect([...copy.values()].sort()).toEqual(wanted);
    expect(receiver.messages.map(({ type }) => type)).not.toContain('space.reset');
    // Those that were killed before their answer are told again.
    expect(repeats).toBeGreaterThanOrEqual(KILLS / 2 - 1);
    expect(repeats).toBeLessThanOrEqual(KILLS);
  });
});

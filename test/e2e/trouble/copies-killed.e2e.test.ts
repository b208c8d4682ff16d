import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon } from '../../kills/daemon.js';
import { type Chance, createChance } from '../../soak/chance.js';
import { checkedFetch } from '../../support/checked-fetch.js';
import { createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { COPY_CLIENTS, type CopyClient, saveCopyClient, startCopy } from '../../support/process/copy-clients.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { isThorough } from '../../support/thorough.js';

const DAY_MS = 86_400_000;
/** More than an answer tells at once, so that a copy takes several. */
const IMAGES = 520;
/** Changes of the list before the index is put back, and after it. */
const STEPS = isThorough ? 30 : 4;
/** Half the kills come so soon after a start, the others after a copy: before it has asked, while it stores, while it waits. */
const SOON_MS = 600;
const AFTER_A_COPY_MS = 100;
/** An interpreter starts within a second; where nothing changes, no copy comes. */
const LONGEST_LIFE_MS = 4_000;
const LOOK_EVERY_MS = 4;
const WITHIN_MS = isThorough ? 280_000 : 120_000;
const SEED = Math.floor(Math.random() * 2 ** 31);

interface Image {
  readonly id: number;
  readonly path: string;
  readonly size: number;
}

const present = COPY_CLIENTS.filter(({ missing }) => missing === null);

describe('the programs of src/http/README.md that keep a copy', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let folder: string;
  let env: { readonly OVADEX: string; readonly TOKEN: string };
  const cleanup = createCleanup();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-copies-'));
    cleanup.add(() => rmSync(folder, { recursive: true }));
    // Put there yesterday: images that settle would make lists of their own.
    dav = await startDavServer({ now: () => Date.now() - DAY_MS, date: Date.now });
    cleanup.add(dav.close);
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }], describe: { enabled: false } });
  });
  afterEach(() => cleanup.run());

  it(`hold at any moment a list that there was, whoever is killed (seed ${SEED})`, { timeout: WITHIN_MS }, async () => {
    const chance = createChance(SEED);
    const stored = new Map<string, number>();
    const put = (path: string, size: number) => {
      dav.tree.put(`jm/${path}`, { size });
      stored.set(path, size);
    };
    for (let n = 0; n < IMAGES; n++) put(`images/${n}.ova`, 1_000 + n);
    await ovadex.sync('jm');
    env = { OVADEX: `http://127.0.0.1:${ovadex.port}`, TOKEN: (await ovadex.createToken('jm')).token };
    const lists = new Set([keyOf(stored)]);

    let daemon = await serve(ovadex);
    cleanup.add(() => daemon.end('SIGKILL'));
    const followed = present.map((client) => followRestlessly(client, { folder, env, chance, lists }));
    cleanup.add(() => Promise.all(followed.map((each) => each.end())));

    /** Changes something in one folder, which the index takes in by one commit; of a new name, then an old one, by two. */
    let last = IMAGES;
    const change = async () => {
      const [path = ''] = chance.some([...stored.keys()], 1);
      const kind = chance.pick(['add', 'rewrite', 'remove', 'rename']);
      // In its place it would move no marker of its folder.
      if (kind === 'rewrite') dav.tree.remove(`jm/${path}`);
      if (kind === 'rewrite') put(path, 1_000 + ++last);
      if (kind === 'add' || kind === 'rename') put(`images/${++last}.ova`, 1_000 + last);
      if (kind === 'rename') lists.add(keyOf(stored));
      if (kind === 'remove' || kind === 'rename') {
        dav.tree.remove(`jm/${path}`);
        stored.delete(path);
      }
      await listed();
    };
    /** Resolves once the list is what is stored. */
    const listed = async () => {
      lists.add(keyOf(stored));
      const headers = { Authorization: `Bearer ${env.TOKEN}` };
      await checkedFetch(`${env.OVADEX}/v2/user/image/vm`, { method: 'PATCH', headers });
      const look = async () => {
        const { data } = (await (await checkedFetch(`${env.OVADEX}/v2/image`, { headers })).json()) as {
          data: Image[];
        };
        return keyOf(new Map(data.map(({ path, size }) => [path, size])));
      };
      await expect.poll(look, { timeout: WITHIN_MS, interval: 20 }).toBe(keyOf(stored));
    };

    for (let step = 0; step < STEPS; step++) {
      await change();
      if (!chance.happens(0.5)) continue;
      await daemon.end(chance.pick(['SIGKILL', 'SIGTERM']));
      daemon = await serve(ovadex);
    }
    const backup = join(folder, 'backup.db');
    expect((await ovadex.run('db', 'backup', backup)).code).toBe(0);
    put('images/after-the-backup.ova', 1);
    await listed();
    await Promise.all(followed.map(({ caughtUp }) => caughtUp(() => keyOf(stored))));
    await daemon.end('SIGTERM');
    expect((await ovadex.run('db', 'restore', backup)).code).toBe(0);
    daemon = await serve(ovadex);
    await listed();
    for (let step = 0; step < STEPS; step++) await change();
    await Promise.all(followed.map(({ calm }) => calm()));
    await Promise.all(followed.map(({ caughtUp }) => caughtUp(() => keyOf(stored))));
    for (const { faults, kills, copies } of followed) {
      expect(faults()).toEqual([]);
      expect(kills()).toBeGreaterThan(0);
      expect(copies()).toBeGreaterThan(1);
    }
  });
});

/** A daemon whose end is chosen. */
async function serve(ovadex: Ovadex) {
  const { child, exited, ready, log } = startDaemon(ovadex.argv('serve'));
  if ((await ready()) === null) throw new Error(`the daemon has ended: ${log()}`);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await exited;
  };
  return { end };
}

/** Runs a client that is killed and started again at moments of chance, and looks at each copy that it stores. */
function followRestlessly(
  client: CopyClient,
  deps: {
    readonly folder: string;
    readonly env: { readonly OVADEX: string; readonly TOKEN: string };
    readonly chance: Chance;
    readonly lists: ReadonlySet<string>;
  },
) {
  const { folder, env, chance, lists } = deps;
  const program = saveCopyClient(client, folder);
  const copy = join(folder, `${client.fileName}.json`);
  const faults: string[] = [];
  let [kills, copies, seen, held] = [0, 0, 0, ''];
  let stored = () => {};
  const look = () => {
    const about = statSync(copy, { throwIfNoEntry: false });
    if (about === undefined || about.ino === seen) return;
    seen = about.ino;
    copies++;
    stored();
    try {
      const { images } = JSON.parse(readFileSync(copy, 'utf8')) as { images: Record<string, Image> };
      held = keyOf(new Map(Object.values(images).map(({ path, size }) => [path, size])));
      if (!lists.has(held)) faults.push(`${client.language}: copy ${copies} is no list that there was: ${held}`);
    } catch (error) {
      faults.push(`${client.language}: copy ${copies} is torn: ${String(error)}`);
    }
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  let running = startCopy(client, program, copy, env);
  const over = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  const restless = (async () => {
    while (!over.signal.aborted) {
      if (chance.happens(0.5)) await pause(chance.int(0, SOON_MS));
      else {
        await Promise.race([new Promise<void>((resolve) => (stored = resolve)), pause(LONGEST_LIFE_MS)]);
        await pause(chance.int(0, AFTER_A_COPY_MS));
      }
      if (running.errors() !== '') faults.push(`${client.language}: ${running.errors()}`);
      await running.kill();
      kills++;
      running = startCopy(client, program, copy, env);
    }
  })();
  const calm = async () => {
    over.abort();
    await restless;
  };
  return {
    faults: () => faults,
    kills: () => kills,
    copies: () => copies,
    /** From now on it runs without being killed. */
    calm,
    /** Resolves once the copy is this list. */
    caughtUp: (list: () => string) =>
      expect.poll(() => held, { timeout: WITHIN_MS, interval: 20, message: client.language }).toBe(list()),
    async end() {
      await calm();
      await running.kill();
      clearInterval(looking);
    },
  };
}

/** What a list has, whatever its order. */
function keyOf(images: ReadonlyMap<string, number>): string {
  return [...images]
    .map(([path, size]) => `${path}:${size}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(' ');
}

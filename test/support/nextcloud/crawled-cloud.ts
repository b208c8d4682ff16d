import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createCrawler } from '../../../src/app/crawler.js';
import { type Index, openIndex, openIndexIfAny } from '../../../src/app/open-index.js';
import { loadConfig } from '../../../src/config/load.js';
import type { Reading } from '../../../src/domain/description/reading.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import type { SyncMode } from '../../../src/domain/model/sync.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { quietLogger } from '../quiet-logger.js';
import { sizeOf } from '../thorough.js';
import type { CloudAnswer } from './answer.js';
import { createNextcloud } from './cloud.js';
import type { CloudRequest } from './request.js';

const MINUTE = 60_000;

/** What the storage does before it answers a request, and what it answers in its stead; null lets it pass. */
export type CloudListener = (request: CloudRequest) => Promise<CloudAnswer | null>;

/** How many folders have an image, in ten others: enough for a walk to be told from a few requests. */
const LEAVES = sizeOf(100, 20);

/** A modelled Nextcloud with folders of one user, crawled by what the daemon is made of, with a clock of its own. */
export async function startCrawledCloud({
  search = 'auto',
  users = ['jm'],
  leaves = LEAVES,
}: {
  readonly search?: 'auto' | 'off';
  /** Those whose spaces are crawled; there is `lab` besides. */
  readonly users?: readonly string[];
  readonly leaves?: number;
} = {}) {
  let onRequest: CloudListener = async () => null;
  let now = Date.UTC(2026, 10, 23);
  const cloud = await createNextcloud({
    users: Object.fromEntries([...users, 'lab'].map((user) => [user, {}])),
    now: () => now,
    interpose: (request) => onRequest(request),
  });
  const jm = cloud.user('jm');
  for (let n = 0; n < leaves; n++) jm.put(`d${n % 10}/leaf${n}/x.ova`, { sizeBytes: 10 });
  now += MINUTE;
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-search-'));
  const file = join(directory, 'ovadex.yaml');
  const data = join(directory, 'data');
  layEmptyIndex(data);
  const spaces = users.map((user) => {
    const { secret: password } = cloud.user(user).mintAppPassword();
    const auth = `{ type: basic, username: ${user}, password: ${JSON.stringify(password)} }`;
    return `{ user: ${user}, url: "${cloud.user(user).url}", auth: ${auth} }`;
  });
  writeFileSync(
    file,
    `data: { directory: "${data}" }\nspaces: [ ${spaces.join(', ')} ]\ncrawl: { search: ${search} }\n`,
  );
  const config = await loadConfig(file);
  const start = (crawl: Partial<typeof config.crawl> = {}) =>
    createCrawler({ ...config, crawl: { ...config.crawl, ...crawl } }, { logger: quietLogger, clock: () => now });
  let crawler = await start();
  /** One that stays open, as the daemon's does: it sees what others commit, and to open it takes longer than to read. */
  let reader: Index | null = null;
  onTestFinished(async () => {
    await reader?.close();
    await crawler.stop();
    await cloud.close();
    rmSync(directory, { recursive: true });
  });
  const { signal } = new AbortController();

  const read = async (user = 'jm') => {
    reader ??= await openIndexIfAny(config);
    const list = await reader?.catalogue.images(user, { nameContains: [], sort: DEFAULT_SORT });
    if (list === null || list === undefined) throw new Error('there is no list');
    const stateOf = (path: string) => list.images.find((image) => image.path === path)?.state;
    return { space: list.space, stateOf, shown: list.images.map(({ path }): string => path).toSorted(inOrder) };
  };
  /** Stores what is read of all images that wait for it. */
  const describe = async (reading: Reading, user = 'jm') => {
    const index = await openIndex(config, { clock: () => now });
    try {
      const { id } = (await read(user)).space;
      for (const image of await index.descriptions.toRead(id, 1_000)) {
        await index.descriptions.store(id, image, reading, { requests: 1, bytes: 1 });
      }
    } finally {
      await index.close();
    }
  };
  /** Syncs all spaces, so many milliseconds after whatever was before. */
  const sync = async (mode: Exclude<SyncMode, 'hint'> = 'incremental', afterMs = 15 * MINUTE) => {
    now += afterMs;
    cloud.forgetRequests();
    return await crawler.syncNow({ users: 'all', mode, signal, onProgress: () => undefined });
  };
  /** Changes the files and syncs. */
  const syncAfter = async (change: () => void, mode?: Exclude<SyncMode, 'hint'>, afterMs?: number) => {
    change();
    const [done] = await sync(mode, afterMs);
    expect(done).toMatchObject({ status: 'PROCESSED' });
    return done;
  };
  /** The same, of which nothing is to be warned; returns what the storage was asked. */
  const askedAfter = async (change: () => void, mode?: Exclude<SyncMode, 'hint'>, afterMs?: number) => {
    const done = await syncAfter(change, mode, afterMs);
    expect(done?.warnings).toEqual([]);
    const { requests, byMethod, cpuMs } = cloud.costs;
    expect(done?.counts.requests).toBe(requests);
    return { ...byMethod, cpuMs };
  };
  /** Changes the files, syncs, and returns how many requests it took until these were in the list. */
  const askedUntilShown = async (change: () => void, paths: readonly string[], afterMs?: number) => {
    let arrived = 0;
    let until: number | null = null;
    const before = onRequest;
    onRequest = async (request) => {
      const { shown } = await read();
      if (until === null && paths.every((path) => shown.includes(path))) until = arrived;
      arrived++;
      return await before(request);
    };
    await askedAfter(change, 'incremental', afterMs);
    onRequest = before;
    const { shown } = await read();
    expect(shown).toEqual(expect.arrayContaining([...paths]));
    return until ?? arrived;
  };
  return {
    cloud,
    jm,
    /** Each has an image. */
    leaves,
    /** Those, the ten above them, and the root. */
    folders: leaves + 11,
    read,
    describe,
    askedUntilShown,
    syncAfter,
    sync,
    askedAfter,
    isTrue: async () => expect((await read()).shown).toEqual(jm.images().toSorted(inOrder)),
    /** Every request, in order, and with its Depth. */
    requests: () => cloud.requests.map(({ method, path, depth }) => `${method} ${path} ${depth}`.trim()),
    listen: (listener: CloudListener) => {
      onRequest = listener;
    },
    /** Stops the crawler and starts another, which has nothing in memory, and perhaps other settings. */
    async restart(settings: Partial<typeof config.crawl> = {}) {
      await crawler.stop();
      crawler = await start(settings);
    },
  };
}

const inOrder = (a: string, b: string) => (a < b ? -1 : 1);

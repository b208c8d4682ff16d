import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createCrawler } from '../../../src/app/crawler.js';
import { openIndexIfAny } from '../../../src/app/open-index.js';
import { loadConfig } from '../../../src/config/load.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { quietLogger } from '../quiet-logger.js';
import { createNextcloud } from './cloud.js';

const MINUTE = 60_000;

/** A Nextcloud with 111 folders of one user, crawled by what the daemon is made of. */
export async function startCrawledCloud(search: 'auto' | 'off' = 'auto') {
  let onRequest: (path: string) => Promise<void> = async () => undefined;
  let now = Date.UTC(2026, 10, 23);
  const cloud = await createNextcloud({
    users: { jm: {}, lab: {} },
    now: () => now,
    interpose: async ({ path }) => {
      await onRequest(path);
      return null;
    },
  });
  const jm = cloud.user('jm');
  for (let n = 0; n < 100; n++) jm.put(`d${n % 10}/leaf${n}/x.ova`, { sizeBytes: 10 });
  now += MINUTE;
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-search-'));
  const file = join(directory, 'ovadex.yaml');
  const { secret: password } = jm.mintAppPassword();
  const auth = `{ type: basic, username: jm, password: ${JSON.stringify(password)} }`;
  const space = `{ user: jm, url: "${jm.url}", auth: ${auth} }`;
  writeFileSync(file, `data: { directory: "${directory}" }\nspaces: [ ${space} ]\ncrawl: { search: ${search} }\n`);
  const config = await loadConfig(file);
  const crawler = createCrawler(config, { logger: quietLogger, clock: () => now });
  onTestFinished(async () => {
    await crawler.stop();
    await cloud.close();
    rmSync(directory, { recursive: true });
  });
  const { signal } = new AbortController();

  const read = async () => {
    const index = openIndexIfAny(config);
    try {
      const list = await index?.catalogue.images('jm', { nameContains: [], sort: DEFAULT_SORT });
      if (list === null || list === undefined) throw new Error('there is no list');
      return { space: list.space, shown: list.images.map(({ path }): string => path).toSorted(inOrder) };
    } finally {
      index?.close();
    }
  };
  /** Changes the files and syncs, a quarter of an hour later. */
  const syncAfter = async (change: () => void, mode: 'incremental' | 'full' = 'incremental') => {
    change();
    now += 15 * MINUTE;
    cloud.forgetRequests();
    const [sync] = await crawler.syncNow({ users: 'all', mode, signal, onProgress: () => undefined });
    expect(sync).toMatchObject({ status: 'PROCESSED' });
    return sync;
  };
  /** Changes the files, and returns what the storage was asked to know of it. */
  const askedAfter = async (change: () => void, mode: 'incremental' | 'full' = 'incremental') => {
    const sync = await syncAfter(change, mode);
    expect(sync?.warnings).toEqual([]);
    const { requests, byMethod, cpuMs } = cloud.costs;
    expect(sync?.counts.requests).toBe(requests);
    return { ...byMethod, cpuMs };
  };
  const isTrue = async () => expect((await read()).shown).toEqual(jm.images().toSorted(inOrder));
  const listen = (listener: typeof onRequest) => {
    onRequest = listener;
  };
  return { cloud, jm, read, syncAfter, askedAfter, isTrue, listen };
}
const inOrder = (a: string, b: string) => (a < b ? -1 : 1);

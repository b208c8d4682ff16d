import { expect, it } from 'vitest';
import { startSync } from '../../src/crawl/sync/sync-space.js';
import { settleSync } from '../../src/crawl/sync-run.js';
import { HOUR_MS } from '../../src/domain/diagnosis/history.js';
import { PassingTrouble } from '../../src/domain/model/errors.js';
import type { SyncMode } from '../../src/domain/model/sync.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { createMemoryStorage } from '../support/memory-store.js';
import { quietLogger } from '../support/quiet-logger.js';

const LEASE_MS = 30_000;
const OWNER = 'crawler';

type Written = 'commit' | 'prove' | 'progress' | 'finish' | 'release';

/** A space and a crawler whose writes are done, but whose answers may be lost. */
async function createScene(...paths: readonly string[]) {
  const now = 1_000 * HOUR_MS;
  const ports = createMemoryIndex(() => now);
  const storage = createMemoryStorage();
  for (const path of paths) storage.put(path);
  const [space] = await ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', now);
  const lost: Written[] = [];
  const losing =
    <Args extends unknown[], T>(name: Written, write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const done = await write(...args);
      if (lost[0] !== name) return done;
      lost.shift();
      throw new PassingTrouble('the database could not be used: Connection terminated unexpectedly (connection)');
    };
  const index = {
    ...ports.index,
    commit: losing('commit', ports.index.commit),
    prove: losing('prove', ports.index.prove),
  };
  const log = {
    ...ports.syncs,
    progress: losing('progress', ports.syncs.progress),
    finish: losing('finish', ports.syncs.finish),
    release: losing('release', ports.syncs.release),
  };

  /** Runs one sync to its end; the answers of these writes are lost, in this order. */
  const sync = async (mode: SyncMode, ...losses: readonly Written[]) => {
    lost.push(...losses);
    const request = { mode, trigger: 'command', requestedBy: null, targets: [] } as const;
    const { id } = await ports.syncs.request({ spaceId: space?.id ?? 0, ...request });
    let runs = 0;
    for (;;) {
      const claimed = await ports.syncs.claim({ owner: OWNER, leaseMs: LEASE_MS });
      if (claimed === null) break;
      runs += 1;
      const start = () =>
        startSync({
          claimed,
          store: storage,
          index,
          log,
          concurrency: 3,
          maxDepth: 20,
          isSearchAllowed: false,
          isExcluded: () => false,
          leaseMs: LEASE_MS,
          sleep: async () => undefined,
          signal: new AbortController().signal,
        });
      await settleSync(claimed, start, { log, logger: quietLogger, sleep: async () => undefined, setbacks: new Map() });
    }
    expect(lost, 'what was to be lost and never written').toEqual([]);
    const ended = await ports.syncs.find(id);
    return { runs, status: ended?.status, counts: ended?.counts };
  };
  const shown = async () => {
    const list = await ports.catalogue.images('jm', { nameContains: [], sort: [] });
    return (list?.images ?? []).map(({ path }) => path).sort();
  };
  return { storage, sync, shown, hours: ports.history.hours };
}

const TREE = ['x.ova', 'a/y.ova', 'a/b/z.ova'];

it.each<[string, readonly Written[], number]>([
  ['none', [], 1],
  ['a commit', ['commit'], 2],
  ['a commit, and what is noted after it', ['commit', 'progress', 'release'], 2],
  ['the end', ['finish'], 1],
])('a sync counts what it has listed and changed once, if the answer to %s is lost', async (_, losses, runs) => {
  const scene = await createScene(...TREE);
  const added = { collections: 3, images: 3, requests: 3, added: 3, altered: 0, removed: 0 };
  expect(await scene.sync('full', ...losses)).toMatchObject({ runs, status: 'PROCESSED', counts: added });
  expect(await scene.hours()).toMatchObject([{ syncs: 1, failed: 0, added: 3, removed: 0 }]);

  scene.storage.remove('a/y.ova');
  scene.storage.put('x.ova', 99);
  const changed = { added: 0, altered: 1, removed: 1 };
  expect(await scene.sync('full', ...losses)).toMatchObject({ runs, status: 'PROCESSED', counts: changed });
  expect(await scene.shown()).toEqual(scene.storage.images());
  expect(await scene.hours()).toMatchObject([{ syncs: 2, failed: 0, added: 3, removed: 1 }]);
});

it('a move is no removal to doubt, although the answer that told of the new place is lost', async () => {
  const many = Array.from({ length: 40 }, (_, n) => `${n}.ova`);
  const scene = await createScene('keep/x.ova', ...many.map((name) => `old/${name}`));
  await scene.sync('full');
  scene.storage.remove('old');
  for (const name of many) scene.storage.put(`new/${name}`);
  expect(await scene.sync('full', 'commit')).toMatchObject({ status: 'PROCESSED', counts: { added: 40, removed: 40 } });
  expect(await scene.shown()).toEqual(scene.storage.images());
});

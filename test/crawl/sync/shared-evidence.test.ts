import { beforeEach, describe, expect, it } from 'vitest';
import { startSync } from '../../../src/crawl/sync/sync-space.js';
import { DEFAULT_SORT } from '../../../src/domain/lists/image-list.js';
import { SPACES_TO_BELIEVE } from '../../../src/domain/model/markers.js';
import type { SyncMode } from '../../../src/domain/model/sync.js';
import { createMemoryIndex, type IndexPorts } from '../../support/memory-index/memory-index.js';
import { createMemoryStorage, type MemoryStorage } from '../../support/memory-store.js';
import { sizeOf } from '../../support/thorough.js';

const MINUTE = 60_000;
const QUIET = sizeOf(200, 30);
const TREE = ['a/b/x.ova', 'a/c/y.ova', 'd/z.ova'];
/** With the root, of which a space in which nothing happens is listed in full. */
const COLLECTIONS = 5;

/** Many users of one Nextcloud, with a clock of their own: some change something now and then, most never do. */
describe('the spaces of one origin', () => {
  let now: number;
  let ports: IndexPorts;
  let stores: ReadonlyMap<string, MemoryStorage>;
  const busy = Array.from({ length: SPACES_TO_BELIEVE }, (_, n) => `busy${n}`);
  const quiet = Array.from({ length: QUIET }, (_, n) => `quiet${n}`);

  const storeOf = (user: string) => stores.get(user) as MemoryStorage;

  /** Syncs a user's space; returns the requests that it took. */
  const sync = async (user: string, mode: SyncMode) => {
    const space = await ports.catalogue.space(user);
    const request = { spaceId: space?.id ?? 0, mode, trigger: 'schedule', requestedBy: null, targets: [] } as const;
    const { id: syncId } = await ports.syncs.request(request);
    const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: MINUTE, syncId });
    if (claimed === null) throw new Error('no sync to claim');
    const outcome = await startSync({
      claimed,
      store: storeOf(user),
      index: ports.index,
      log: ports.syncs,
      concurrency: 3,
      isSearchAllowed: true,
      maxDepth: 20,
      isExcluded: () => false,
      leaseMs: MINUTE,
      sleep: async () => undefined,
      signal: new AbortController().signal,
    }).outcome;
    if (outcome === null) throw new Error('the sync was given up');
    await ports.syncs.finish(claimed.lease, outcome);
    return outcome.counts.requests;
  };
  const round = async (users: readonly string[], mode: SyncMode = 'incremental') => {
    now += 15 * MINUTE;
    const requests: number[] = [];
    for (const user of users) requests.push(await sync(user, mode));
    return new Set(requests);
  };

  beforeEach(async () => {
    now = Date.UTC(2026, 10, 23);
    ports = createMemoryIndex(() => now);
    const all = [...busy, ...quiet];
    stores = new Map(
      all.map((user) => {
        const store = createMemoryStorage();
        for (const path of TREE) store.put(path);
        store.useMarkers('subtree');
        return [user, store];
      }),
    );
    const url = (user: string) => `https://cloud.example.org/remote.php/dav/files/${user}/`;
    await ports.spaces.configure(
      all.map((user) => ({ user, url: url(user) })),
      'rules',
      now,
    );
    await round(all, 'full');
  });

  /** What happens on a day: each busy user puts a file below the root, and syncs see it. */
  const aDay = async () => {
    for (const user of busy) storeOf(user).put(`a/b/${user}.ova`);
    await round(busy);
    await round([...busy, ...quiet], 'full');
  };

  it('cost one request a round each once enough of them have changed something', async () => {
    expect(await round(quiet)).toEqual(new Set([COLLECTIONS]));
    await aDay();
    for (let n = 0; n < 3; n++) expect(await round([...busy, ...quiet])).toEqual(new Set([1]));
    const space = await ports.catalogue.space('quiet7');
    expect(space?.evidence).toMatchObject({ names: 'none', subtree: 'none' });
  });

  it('show the first change of a quiet one as that of any other', async () => {
    await aDay();
    storeOf('quiet3').put('a/c/first.ova');
    expect(await round(['quiet3'])).toEqual(new Set([4])); // the root asked, and listed with the two on the way
    const list = await ports.catalogue.images('quiet3', { nameContains: ['first'], sort: DEFAULT_SORT });
    expect(list?.images).toHaveLength(1);
    expect((await ports.catalogue.space('quiet3'))?.evidence).toMatchObject({ subtree: 'seen' });
  });

  it('are all listed in full again after one counter-example, but for those that have proven it themselves', async () => {
    await aDay();
    // What the root doesn't show is found by the next full sync.
    storeOf('quiet5').overwrite('a/c/y.ova', 7);
    expect(await round(['quiet5'])).toEqual(new Set([1]));
    await round([...busy, ...quiet], 'full');
    expect((await ports.catalogue.space('quiet5'))?.evidence).toMatchObject({ subtree: 'refuted', mismatches: 1 });
    expect(await round(quiet)).toEqual(new Set([COLLECTIONS]));
    expect(await round(busy)).toEqual(new Set([1]));
  });
});

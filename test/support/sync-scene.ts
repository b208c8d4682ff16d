import { type RunningSync, startSync } from '../../src/crawl/sync/sync-space.js';
import { DEFAULT_SORT } from '../../src/domain/lists/image-list.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Space } from '../../src/domain/model/space.js';
import type { SyncMode, SyncOutcome } from '../../src/domain/model/sync.js';
import { createMemoryIndex, type IndexPorts } from './memory-index/memory-index.js';
import { createMemoryStorage, type MemoryStorage } from './memory-store.js';

/** One user's storage and its index, and the syncs between them. */
export interface SyncScene {
  readonly storage: MemoryStorage;
  readonly ports: IndexPorts;
  /** Files, claims, runs and settles one sync; null where it was interrupted. */
  sync(options?: SceneSync): Promise<SyncOutcome | null>;
  /** The paths that a reader of the list sees, in order. */
  shown(): Promise<readonly string[]>;
  space(): Promise<Space>;
}

export interface SceneSync {
  readonly mode?: SyncMode;
  readonly targets?: readonly string[];
  readonly signal?: AbortSignal;
  readonly maxDepth?: number;
  readonly mostCollections?: number;
  readonly isSearchAllowed?: boolean;
  /** As of an index that has such a limit. */
  readonly mostKeyBytes?: number;
  readonly isExcluded?: (path: ResourcePath) => boolean;
  readonly onStart?: (running: RunningSync) => void;
}

const LEASE_MS = 30_000;

export async function createSyncScene(...paths: readonly string[]): Promise<SyncScene> {
  let now = 1_700_000_000_000;
  const ports = createMemoryIndex(() => now);
  const storage = createMemoryStorage();
  for (const path of paths) storage.put(path);
  const [space] = await ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', now);
  if (space === undefined) throw new Error('the space was not registered');

  return {
    storage,
    ports,
    async sync(options = {}) {
      now += 60_000;
      const targets = (options.targets ?? []) as ResourcePath[];
      const mode = options.mode ?? (targets.length > 0 ? 'hint' : 'full');
      await ports.syncs.request({ spaceId: space.id, mode, trigger: 'command', requestedBy: null, targets });
      const claimed = await ports.syncs.claim({ owner: `run at ${now}`, leaseMs: LEASE_MS });
      if (claimed === null) throw new Error('no sync to claim');
      const running = startSync({
        claimed,
        store: storage,
        index:
          options.mostKeyBytes === undefined ? ports.index : { ...ports.index, mostKeyBytes: options.mostKeyBytes },
        log: ports.syncs,
        concurrency: 3,
        maxDepth: options.maxDepth ?? 20,
        ...(options.mostCollections === undefined ? {} : { mostCollections: options.mostCollections }),
        isSearchAllowed: options.isSearchAllowed ?? true,
        isExcluded: options.isExcluded ?? (() => false),
        leaseMs: LEASE_MS,
        sleep: async () => undefined,
        signal: options.signal ?? new AbortController().signal,
      });
      options.onStart?.(running);
      const outcome = await running.outcome;
      if (outcome === null) await ports.syncs.release(claimed.lease);
      else await ports.syncs.finish(claimed.lease, outcome);
      return outcome;
    },
    async shown() {
      const list = await ports.catalogue.images('jm', { nameContains: [], sort: DEFAULT_SORT });
      return (list?.images ?? []).map(({ path }) => path).sort((a, b) => (a < b ? -1 : 1));
    },
    async space() {
      const now = await ports.catalogue.space('jm');
      if (now === null) throw new Error('the space is gone');
      return now;
    },
  };
}

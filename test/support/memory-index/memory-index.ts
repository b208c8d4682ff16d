import type { Clock } from '../../../src/domain/ports/clock.js';
import type { DescriptionStore } from '../../../src/domain/ports/description-store.js';
import type { Changes, ImageCatalogue } from '../../../src/domain/ports/image-catalogue.js';
import type { RunLog } from '../../../src/domain/ports/image-changes.js';
import type { ImageIndex, IndexMaintenance } from '../../../src/domain/ports/image-index.js';
import type { IndexHistory } from '../../../src/domain/ports/index-history.js';
import type { Leadership } from '../../../src/domain/ports/leadership.js';
import type { LinkStore } from '../../../src/domain/ports/link-store.js';
import type { PathTraces } from '../../../src/domain/ports/path-traces.js';
import type { SpaceRegistry } from '../../../src/domain/ports/space-registry.js';
import type { SyncLog } from '../../../src/domain/ports/sync-log.js';
import type { TokenStore } from '../../../src/domain/ports/token-store.js';
import type { WebhookStore } from '../../../src/domain/ports/webhook-store.js';
import { createMemoryRuns, newRuns } from './changes.js';
import { createMemoryDescriptions } from './descriptions.js';
import { createMemoryHistory } from './history.js';
import {
  createMemoryCatalogue,
  createMemoryChanges,
  createMemoryImageIndex,
  createMemoryMaintenance,
  toDescribed,
} from './images.js';
import { createKeptSyncs } from './kept-syncs.js';
import { createMemoryLinks } from './links.js';
import { createMemoryRegistry } from './spaces.js';
import type { Memory } from './state.js';
import { createMemorySyncLog } from './syncs.js';
import { createMemoryTokens } from './tokens.js';
import { createMemoryTraces } from './traces.js';
import { createMemoryWebhooks } from './webhooks.js';

export interface IndexPorts {
  readonly catalogue: ImageCatalogue;
  readonly changes: Changes;
  readonly index: ImageIndex;
  readonly maintenance: Pick<IndexMaintenance, 'forgetMissing'>;
  readonly spaces: SpaceRegistry;
  readonly leadership: Leadership;
  readonly syncs: SyncLog;
  readonly tokens: TokenStore;
  readonly links: LinkStore;
  readonly runs: RunLog;
  readonly descriptions: DescriptionStore;
  readonly traces: PathTraces;
  readonly webhooks: WebhookStore;
  readonly history: IndexHistory;
}

/** An index whose descriptions can be those of another program, whose rules of reading have this number. */
export interface ReadIndexPorts extends IndexPorts {
  readonly descriptionsBy: (reader: number) => DescriptionStore;
}

/** The ports of the index over plain Maps: what SQLite must do, said as shortly as possible. */
export function createMemoryIndex(clock: Clock = Date.now): ReadIndexPorts {
  const memory: Memory = {
    clock,
    spaces: new Map(),
    syncs: createKeptSyncs(),
    joined: new Map(),
    links: new Map(),
    runs: newRuns(),
    hours: new Map(),
    lastSyncId: 0,
    lastImageId: 0,
  };
  return {
    catalogue: createMemoryCatalogue(memory),
    changes: createMemoryChanges(),
    index: createMemoryImageIndex(memory),
    maintenance: createMemoryMaintenance(memory),
    spaces: createMemoryRegistry(memory),
    leadership: { isShared: false, stand: async (holder) => ({ holder, term: 0 }), resign: async () => undefined },
    syncs: createMemorySyncLog(memory),
    tokens: createMemoryTokens(memory),
    links: createMemoryLinks(memory),
    runs: createMemoryRuns(memory),
    descriptions: createMemoryDescriptions(memory),
    traces: createMemoryTraces(memory),
    history: createMemoryHistory(memory),
    webhooks: createMemoryWebhooks(memory, toDescribed),
    descriptionsBy: (reader) => createMemoryDescriptions(memory, reader),
  };
}

import { describeDescriptionStore } from '../../contract/description-store.js';
import { describeHeldList } from '../../contract/held-list.js';
import { describeImageCatalogue } from '../../contract/image-catalogue.js';
import { describeImageChanges } from '../../contract/image-changes.js';
import { describeImageIndex } from '../../contract/image-index.js';
import { describeImagePages } from '../../contract/image-pages.js';
import { describeImageSearch } from '../../contract/image-search.js';
import { describeLinkStore } from '../../contract/link-store.js';
import { describePathTraces } from '../../contract/path-traces.js';
import { describeSpaceCondition } from '../../contract/space-condition.js';
import { describeSpacePages } from '../../contract/space-pages.js';
import { describeSpaceRegistry } from '../../contract/space-registry.js';
import { describeSyncLog } from '../../contract/sync-log.js';
import { describeSyncPages } from '../../contract/sync-pages.js';
import { describeSyncRequest } from '../../contract/sync-request.js';
import { describeTokenStore } from '../../contract/token-store.js';
import { createMemoryIndex } from './memory-index.js';

const make = async () => {
  const clock = { now: 1_000 };
  return { ...createMemoryIndex(() => clock.now), clock, close: async () => undefined };
};

describeImageIndex('memory', make);
describeHeldList('memory', make);
describeImageCatalogue('memory', make);
describeImageChanges('memory', make);
describeImagePages('memory', make);
describeImageSearch('memory', make);
describePathTraces('memory', make);
describeSpaceCondition('memory', make);
describeSpaceRegistry('memory', make);
describeSyncLog('memory', make);
describeSyncPages('memory', make);
describeSpacePages('memory', make);
describeSyncRequest('memory', make);
describeTokenStore('memory', make);
describeLinkStore('memory', make);
describeDescriptionStore('memory', make);

import { describeImageCatalogue } from '../contract/image-catalogue.js';
import { describeImageIndex } from '../contract/image-index.js';
import { describeImagePages } from '../contract/image-pages.js';
import { describeSpaceCondition } from '../contract/space-condition.js';
import { describeSpaceRegistry } from '../contract/space-registry.js';
import { describeSyncLog } from '../contract/sync-log.js';
import { describeSyncRequest } from '../contract/sync-request.js';
import { describeTokenStore } from '../contract/token-store.js';
import { makeSqliteIndex } from './temporary-index.js';

describeImageIndex('SQLite', makeSqliteIndex);
describeImageCatalogue('SQLite', makeSqliteIndex);
describeImagePages('SQLite', makeSqliteIndex);
describeSpaceCondition('SQLite', makeSqliteIndex);
describeSpaceRegistry('SQLite', makeSqliteIndex);
describeSyncLog('SQLite', makeSqliteIndex);
describeSyncRequest('SQLite', makeSqliteIndex);
describeTokenStore('SQLite', makeSqliteIndex);

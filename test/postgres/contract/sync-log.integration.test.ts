import { describeSyncLog } from '../../contract/sync-log.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSyncLog('PostgreSQL', makePgliteIndex);

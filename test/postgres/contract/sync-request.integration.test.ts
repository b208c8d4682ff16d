import { describeSyncRequest } from '../../contract/sync-request.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSyncRequest('PostgreSQL', makePgliteIndex);

import { describeSyncPages } from '../../contract/sync-pages.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSyncPages('PostgreSQL', makePgliteIndex);

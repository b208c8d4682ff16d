import { describeSyncPages } from '../../contract/sync-pages.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSyncPages('PostgreSQL', makePgliteIndex, fewRunsOf);

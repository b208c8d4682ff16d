import { describeLinkStore } from '../../contract/link-store.js';
import { makePgliteIndex } from '../pglite-index.js';

describeLinkStore('PostgreSQL', makePgliteIndex);

import { describeTokenStore } from '../../contract/token-store.js';
import { makePgliteIndex } from '../pglite-index.js';

describeTokenStore('PostgreSQL', makePgliteIndex);

import { describeIndexHistory } from '../../contract/index-history.js';
import { makePgliteIndex } from '../pglite-index.js';

describeIndexHistory('PostgreSQL', makePgliteIndex);

import { describeHeldList } from '../../contract/held-list.js';
import { makePgliteIndex } from '../pglite-index.js';

describeHeldList('PostgreSQL', makePgliteIndex);

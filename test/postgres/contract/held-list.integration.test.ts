import { describeHeldList } from '../../contract/held-list.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeHeldList('PostgreSQL', makePgliteIndex, fewRunsOf);

import { describeSpacePages } from '../../contract/space-pages.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSpacePages('PostgreSQL', makePgliteIndex, fewRunsOf);

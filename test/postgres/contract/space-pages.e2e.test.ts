import { describeSpacePages } from '../../contract/space-pages.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSpacePages('PostgreSQL', makePgliteIndex);

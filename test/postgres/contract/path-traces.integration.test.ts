import { describePathTraces } from '../../contract/path-traces.js';
import { makePgliteIndex } from '../pglite-index.js';

describePathTraces('PostgreSQL', makePgliteIndex);

import { describeSpaceCondition } from '../../contract/space-condition.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSpaceCondition('PostgreSQL', makePgliteIndex);

import { describeSpaceRegistry } from '../../contract/space-registry.js';
import { makePgliteIndex } from '../pglite-index.js';

describeSpaceRegistry('PostgreSQL', makePgliteIndex);

import { describeImageChanges } from '../../contract/image-changes.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageChanges('PostgreSQL', makePgliteIndex);

import { describeImageIndex } from '../../contract/image-index.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageIndex('PostgreSQL', makePgliteIndex);

import { describeImagePages } from '../../contract/image-pages.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImagePages('PostgreSQL', makePgliteIndex);

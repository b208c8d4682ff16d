import { describeImagePages } from '../../contract/image-pages.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImagePages('PostgreSQL', makePgliteIndex, fewRunsOf);

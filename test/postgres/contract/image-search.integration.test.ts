import { describeImageSearch } from '../../contract/image-search.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageSearch('PostgreSQL', makePgliteIndex, fewRunsOf);

import { describeImageSearch } from '../../contract/image-search.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageSearch('PostgreSQL', makePgliteIndex);

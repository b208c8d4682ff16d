import { describeImageCatalogue } from '../../contract/image-catalogue.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageCatalogue('PostgreSQL', makePgliteIndex, fewRunsOf);

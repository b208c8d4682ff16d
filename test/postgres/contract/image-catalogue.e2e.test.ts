import { describeImageCatalogue } from '../../contract/image-catalogue.js';
import { makePgliteIndex } from '../pglite-index.js';

describeImageCatalogue('PostgreSQL', makePgliteIndex);

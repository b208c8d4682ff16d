import { describeDescriptionStore } from '../../contract/description-store.js';
import { makePgliteIndex } from '../pglite-index.js';

describeDescriptionStore('PostgreSQL', makePgliteIndex);

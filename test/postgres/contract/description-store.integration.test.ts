import { describeDescriptionStore } from '../../contract/description-store.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeDescriptionStore('PostgreSQL', makePgliteIndex, fewRunsOf);

import { describeLeadership, describeSharedLeadership } from '../../contract/leadership.js';
import { makePgliteIndex } from '../pglite-index.js';

describeLeadership('PostgreSQL', makePgliteIndex);
describeSharedLeadership('PostgreSQL', makePgliteIndex);

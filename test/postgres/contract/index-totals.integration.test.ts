import { createIndexTotals } from '../../../src/postgres/read/index-totals.js';
import { describeIndexTotals } from '../../contract/index-totals.js';
import { runsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

describeIndexTotals(
  'PostgreSQL',
  async () => {
    const index = await makePgliteIndex();
    return Object.assign(index, { totals: createIndexTotals(index.db) });
  },
  runsOf(15),
);

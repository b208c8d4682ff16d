import { createStorageOutages } from '../../../src/postgres/write/storage-outages.js';
import { describeStorageOutages } from '../../contract/storage-outages.js';
import { makePgliteIndex } from '../pglite-index.js';

describeStorageOutages('PostgreSQL', async () => {
  const { clock, db, close } = await makePgliteIndex();
  return { clock, outages: createStorageOutages(db, () => clock.now), close };
});

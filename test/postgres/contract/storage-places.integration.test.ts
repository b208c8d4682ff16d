import { createStoragePlaces } from '../../../src/postgres/write/storage-places.js';
import { describeStoragePlaces } from '../../contract/storage-places.js';
import { makePgliteIndex } from '../pglite-index.js';

describeStoragePlaces('PostgreSQL', async () => {
  const { clock, db, close } = await makePgliteIndex();
  return { clock, places: createStoragePlaces(db, () => clock.now), close };
});

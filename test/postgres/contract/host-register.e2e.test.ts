import { createHostRegister } from '../../../src/postgres/write/host-register.js';
import { describeHostRegister } from '../../contract/host-register.js';
import { makePgliteIndex } from '../pglite-index.js';

const { db } = await makePgliteIndex();

describeHostRegister(
  async () => {
    await db.run('DELETE FROM hosts');
    return createHostRegister(db);
  },
  (name, ms) => db.run('UPDATE hosts SET seen_at = seen_at - $2 WHERE name = $1', [name, ms]),
);

import { createHostRegister } from '../../../src/postgres/write/host-register.js';
import { createLeadership } from '../../../src/postgres/write/leadership.js';
import { describeHostRegister } from '../../contract/host-register.js';
import { MIGRATIONS } from '../index-ports.js';
import { makePgliteIndex } from '../pglite-index.js';

const { db } = await makePgliteIndex();

describeHostRegister(
  async () => {
    await db.run('DELETE FROM hosts');
    await db.run('DELETE FROM migrations WHERE number > $1', [MIGRATIONS.length]);
    return createHostRegister(db, MIGRATIONS.length);
  },
  (name, ms) => db.run('UPDATE hosts SET seen_at = seen_at - $2 WHERE name = $1', [name, ms]),
  (number) => db.run('INSERT INTO migrations VALUES ($1, $2, $2, 0)', [number, 'of-tomorrow']),
  MIGRATIONS.length,
  (holder, leaseMs) => createLeadership(db, Date.now).stand(holder, leaseMs),
);

import { createAuditLog } from '../../../src/postgres/write/audit-log.js';
import { describeAuditLog } from '../../contract/audit-log.js';
import { makePgliteIndex } from '../pglite-index.js';

const { db } = await makePgliteIndex();

describeAuditLog(async (clock, kept) => {
  await db.run('TRUNCATE audit RESTART IDENTITY');
  return createAuditLog(db, clock, kept);
});

import { checkIndex } from '../../../src/sqlite/check/check.js';
import { createListDeparted } from '../../../src/sqlite/read/departed-users.js';
import { createForgetNameless, createForgetUser } from '../../../src/sqlite/write/forget-user.js';
import { describeForgetting } from '../../contract/forget-user.js';
import { MIGRATIONS, makeSqliteIndex } from '../temporary-index.js';

describeForgetting('SQLite', async () => {
  const index = await makeSqliteIndex();
  return Object.assign(index, {
    forget: createForgetUser(index.db, () => index.clock.now),
    forgetRest: createForgetNameless(index.db, () => index.clock.now).all,
    departed: createListDeparted(index.db),
    async everything() {
      const tables = index.db
        .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        .pluck()
        .all();
      const readable = tables.filter((table) => !table.startsWith('image_trigrams'));
      return JSON.stringify(readable.map((table) => index.db.prepare(`SELECT * FROM ${table}`).all()));
    },
    findings: async () => checkIndex(index.file, MIGRATIONS).findings,
  });
});

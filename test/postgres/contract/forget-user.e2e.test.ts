import { createListDeparted } from '../../../src/postgres/read/departed-users.js';
import { createForgetNameless, createForgetUser } from '../../../src/postgres/write/forget-user.js';
import { describeForgetting } from '../../contract/forget-user.js';
import { makePgliteIndex } from '../pglite-index.js';

describeForgetting('PostgreSQL', async () => {
  const index = await makePgliteIndex();
  const { db } = index;
  return Object.assign(index, {
    forget: createForgetUser(db, () => index.clock.now),
    forgetRest: createForgetNameless(db, () => index.clock.now).all,
    departed: createListDeparted(db),
    async everything() {
      const tables = await db.rows<{ readonly name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'written'
         ORDER BY table_name`,
      );
      const all: string[] = [];
      for (const { name } of tables) all.push(JSON.stringify(await db.rows(`SELECT * FROM ${name} ORDER BY 1`)));
      return all.join('\n');
    },
    // Whatever refers to something else is checked by the server itself.
    findings: () =>
      db.rows(`SELECT user_name, images, collections FROM spaces
        WHERE images <> (SELECT count(*) FROM images WHERE space = spaces.id AND missing_since IS NULL)
          OR collections <> (SELECT count(*) FROM collections WHERE space = spaces.id)`),
  });
});

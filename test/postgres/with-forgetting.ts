import type { Database } from '../../src/postgres/connection/database.js';
import { createListDeparted } from '../../src/postgres/read/departed-users.js';
import { createForgetNameless, createForgetUser } from '../../src/postgres/write/forget-user.js';
import type { IndexUnderTest } from '../contract/index-under-test.js';

/** Adds to an index what forgets its users, and a look at all that it has. */
export function withForgetting<Index extends IndexUnderTest & { readonly db: Database }>(index: Index) {
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
}

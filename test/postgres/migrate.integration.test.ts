import { expect, it } from 'vitest';
import { migrate } from '../../src/postgres/schema/migrate.js';
import { MIGRATIONS } from './index-ports.js';
import { openPglite } from './pglite-index.js';

it('an index is created once, and refused if it is of a newer program', async () => {
  const db = await openPglite();
  await Promise.all([migrate(db, MIGRATIONS), migrate(db, MIGRATIONS)]);
  expect(await db.rows('SELECT number, name FROM migrations')).toEqual(
    MIGRATIONS.map(({ number, name }) => ({ number, name })),
  );
  await expect(migrate(db, [])).resolves.toBeUndefined();
  const [first] = MIGRATIONS;
  if (first === undefined) throw new Error('there is no migration');
  await db.run('INSERT INTO migrations VALUES (2, $1, $2, 0)', ['0002-of-tomorrow.sql', 'x']);
  await expect(migrate(db, MIGRATIONS)).rejects.toMatchObject({ code: 'foreign' });
  await db.run('DELETE FROM migrations WHERE number = 2');
  await expect(migrate(db, [{ ...first, checksum: 'other' }])).rejects.toMatchObject({ code: 'index' });
  await db.close();
});

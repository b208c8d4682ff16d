import { expect, test } from 'vitest';
import { createLogInCounts } from '../../../src/postgres/write/log-in-counts.js';
import { describeLogInCounts } from '../../contract/log-in-counts.js';
import { makePgliteIndex } from '../pglite-index.js';

describeLogInCounts('PostgreSQL', async () => {
  const { clock, db, close } = await makePgliteIndex();
  const host = () => createLogInCounts(db, () => clock.now);
  return { clock, hosts: [host(), host(), host()], close };
});

test('rows that no longer matter go, and of too many those that matter no longer than the others', async () => {
  const { clock, db, close } = await makePgliteIndex();
  const counts = createLogInCounts(db, () => clock.now, { random: () => 0, rowsAtMost: 3 });
  const put = (key: string, until: number) =>
    counts.change([key], () => ({ counts: [{ until, used: 1 }], result: null }));
  const keys = async () =>
    (await db.rows<{ key: string }>('SELECT key FROM log_in_counts ORDER BY key')).map((row) => row.key);
  for (const [key, until] of [
    ['a', 2_000],
    ['b', 9_000],
    ['c', 7_000],
  ] as const)
    await put(key, until);
  expect(await keys()).toEqual(['a', 'b', 'c']);
  await put('d', 8_000);
  expect(await keys()).toEqual(['b', 'c', 'd']);
  clock.now = 7_000;
  await put('e', 9_500);
  expect(await keys()).toEqual(['b', 'd', 'e']);
  await close();
});
